"""The templates are consistent: what one file names, another declares. No compiler is available to these tests."""

import json
import re
from pathlib import Path

import pytest

from tests.support.bicep import Template, read

INFRA = Path(__file__).resolve().parents[2] / "infra"
FILES = ["alerts", "app", "events", "identity", "main", "monitoring", "roles", "sql", "storage"]


def test_the_templates_are_these(templates: dict[str, Template]):
    assert sorted(templates) == FILES


@pytest.mark.parametrize("name", FILES)
def test_a_template_has_no_syntax_error(templates: dict[str, Template], name: str):
    assert templates[name].errors == []


def test_a_syntax_error_is_detected(tmp_path: Path):
    broken = tmp_path / "broken.bicep"
    broken.write_text("param a string\nresource b 'X/y@1' = {\n  name 'no colon'\n}\n", "utf-8")
    assert read(broken).errors


@pytest.mark.parametrize("name", FILES)
def test_every_declaration_is_used(templates: dict[str, Template], name: str):
    template = templates[name]
    existing = {found.symbol for found in template.resources if found.existing and found.within is None}
    declared = {*template.params, *template.variables, *existing}
    assert [symbol for symbol in sorted(declared) if symbol not in template.uses] == []


def test_main_passes_every_parameter_of_each_module(templates: dict[str, Template]):
    modules = {Path(module.type).stem: set(module.body["params"]) for module in templates["main"].modules}
    wanted = {name: {p for p, found in t.params.items() if found.default is ...} for name, t in templates.items()}
    assert modules == {name: wanted[name] for name in FILES if name != "main"}


def test_main_reads_every_output_of_each_module(templates: dict[str, Template]):
    text = (INFRA / "main.bicep").read_text("utf-8")
    read_there = set(re.findall(r"\b(\w+)\.outputs\.(\w+)", text))
    declared = {(name, output) for name in FILES if name != "main" for output in templates[name].outputs}
    assert read_there == declared
    assert len(declared) >= 15


def test_every_parameter_is_described_and_read_from_the_environment(templates: dict[str, Template]):
    params = templates["main"].params
    assert [name for name, found in params.items() if not found.described] == []
    values = json.loads((INFRA / "main.parameters.json").read_text("utf-8"))["parameters"]
    assert list(values) == list(params)
    assert all(re.fullmatch(r"\$\{[A-Z_]+\}", value["value"]) for value in values.values())


def test_only_name_and_region_and_what_a_hook_sets_are_required(templates: dict[str, Template]):
    required = [name for name, found in templates["main"].params.items() if found.default is ...]
    assert required == ["environmentName", "location", "budgetStart"]


@pytest.mark.parametrize("name", FILES)
def test_a_template_says_the_same_whenever_it_is_deployed(name: str):
    assert not re.search(r"\b(utcNow|newGuid)\(", (INFRA / f"{name}.bicep").read_text("utf-8"))


@pytest.mark.parametrize("name", FILES)
def test_no_output_contains_a_secret(templates: dict[str, Template], name: str):
    assert not re.search(r"\blist\w*\(|[Kk]ey\b|[Ss]ecret|ConnectionString", str(templates[name].outputs))


def test_no_cloud_endpoint_is_hard_coded():
    text = "".join(path.read_text("utf-8") for path in sorted(INFRA.glob("*.bicep")))
    assert len(text) > 10_000
    assert not re.search(r"core\.windows\.net|database\.windows\.net|management\.azure\.com|azurewebsites\.net", text)
