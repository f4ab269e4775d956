from pathlib import Path

import pytest

from tests.support.bicep import Template, read

INFRA = Path(__file__).resolve().parents[2] / "infra"


@pytest.fixture(scope="session")
def templates() -> dict[str, Template]:
    """Every template by the name of its file, without the ending."""
    return {path.stem: read(path) for path in sorted(INFRA.glob("*.bicep"))}
