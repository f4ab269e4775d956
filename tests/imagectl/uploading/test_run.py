"""Many files at once."""

from pathlib import Path

import pytest

from imagectl.uploading.run import Run
from imagectl.uploading.sources import Source
from tests.imagectl.stack import Stack


def test_an_error_that_nobody_expects_is_raised_instead_of_waited_for(stack: Stack, tmp_path: Path):
    def sent(_size: int) -> None:
        raise ZeroDivisionError

    path = tmp_path / "a.png"
    path.write_bytes(b"content")
    with pytest.raises(ZeroDivisionError):
        list(Run(stack.container).results([Source(path, "a.png", 7, is_named=True)], sent))
