"""The templates hold together: what one names, another declares. The compiler is not at hand where these run."""

import json
import re
from pathlib import Path

import pytest

from tests.support.bicep import Template, read

INFRA = Path(__file__).resolve().parents[2] / "infra"
FILES = ["alerts", "app", "events", "identity", "main", "monitoring", "roles", "sql", "storage"]


def test_the_files_are_these(templates: dict[str, Template]):
    assert sorted(templates) == FILES


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_bicep(templates: dict[str, Template], name: str):
    assert templates[name].errors == []


def test_a_file_that_is_no_bicep_is_told_by_its_line(tmp_path: Path):
    broken = tmp_path / "broken.bicep"
    broken.write_text("param a string\nresource b 'X/y@1' = {\n  name 'no colon'\n}\n", "utf-8")
    assert read(broken).errors


@pytest.mark.parametrize("name", FILES)
def test_everything_that_is_declared_is_used(templates: dict[str, Template], name: str):
    template = templates[name]
    existing = {found.symbol for found in template.resources if found.existing and found.within is None}
    declared = {*template.params, *template.variables, *existing}
    assert [symbol for symbol in sorted(declared) if symbol not in template.uses] == []


def test_main_passes_each_module_its_parameters(templates: dict[str, Template]):
    modules = {Path(module.type).stem: set(module.body["params"]) for module in templates["main"].modules}
    wanted = {name: {p for p, found in t.params.items() if found.default is ...} for name, t in templates.items()}
    assert modules == {name: wanted[name] for name in FILES if name != "main"}


def test_main_reads_every_output_of_a_module_and_no_other(templates: dict[str, Template]):
    text = (INFRA / "main.bicep").read_text("utf-8")
    read_there = set(re.findall(r"\b(\w+)\.outputs\.(\w+)", text))
    declared = {(name, output) for name in FILES if name != "main" for output in templates[name].outputs}
    assert read_there == declared
    assert len(declared) >= 15


def test_every_parameter_is_described_and_has_a_name_in_the_environment(templates: dict[str, Template]):
    params = templates["main"].params
    assert [name for name, found in params.items() if not found.described] == []
    values = json.loads((INFRA / "main.parameters.json").read_text("utf-8"))["parameters"]
    assert list(values) == list(params)
    assert all(re.fullmatch(r"\$\{[A-Z_]+\}", value["value"]) for value in values.values())


def test_only_a_name_and_a_region_are_asked_for(templates: dict[str, Template]):
    required = [name for name, found in templates["main"].params.items() if found.default is ...]
    assert required == ["environmentName", "location"]


@pytest.mark.parametrize("name", FILES)
def test_no_output_holds_a_secret(templates: dict[str, Template], name: str):
    assert not re.search(r"\blist\w*\(|[Kk]ey\b|[Ss]ecret|ConnectionString", str(templates[name].outputs))


def test_no_address_of_a_cloud_is_written_down():
    text = "".join(path.read_text("utf-8") for path in sorted(INFRA.glob("*.bicep")))
    assert len(text) > 10_000
    assert not re.search(r"core\.windows\.net|database\.windows\.net|management\.azure\.com|azurewebsites\.net", text)
