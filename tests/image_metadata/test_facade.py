"""The package's own names: few, and free to import."""

import subprocess
import sys
from pathlib import Path

import pytest

import image_metadata

ROOT = Path(image_metadata.__file__).parent.parent


def test_the_names_are_sorted():
    assert image_metadata.__all__ == sorted(image_metadata.__all__)


@pytest.mark.parametrize("name", image_metadata.__all__)
def test_each_name_is_what_it_says(name: str):
    assert getattr(image_metadata, name).__name__ == name


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'invented'"):
        _ = image_metadata.invented


def test_importing_the_package_loads_the_standard_library_only():
    code = "import sys; before = set(sys.modules); import image_metadata; print(*set(sys.modules) - before)"
    run = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in run.stdout.split()}
    assert loaded - set(sys.stdlib_module_names) == {"image_metadata"}


def test_the_errors_and_the_model_need_no_package():
    code = "import image_metadata.errors, image_metadata.model, image_metadata.payload, image_metadata.retry"
    subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, check=True)
