"""Read a Bicep file through its syntax tree: its declarations and the values of its resources."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tree_sitter_bicep
from tree_sitter import Language, Node, Parser

_PARSER = Parser(Language(tree_sitter_bicep.language()))


class Expression(str):
    """The source text of a value that is computed at deployment."""

    __slots__ = ()


@dataclass(frozen=True)
class Declaration:
    """A resource or module.

    Attributes:
        symbol: its name in the file.
        type: ``Microsoft.Storage/storageAccounts``, for a nested resource the last segment; for a module its path.
        version: API version, empty for a module and a nested resource.
        existing: referred to, not deployed.
        body: its properties; for a loop, those of one element.
        within: symbol of the resource that it is nested in.
    """

    symbol: str
    type: str
    version: str
    existing: bool
    body: dict[str, Any]
    within: str | None = None


@dataclass(frozen=True)
class Template:
    """One file.

    Attributes:
        errors: ``file:line`` of every syntax error.
        uses: how often each symbol is referred to.
    """

    path: Path
    errors: list[str]
    params: dict[str, "Param"] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    resources: list[Declaration] = field(default_factory=list)
    modules: list[Declaration] = field(default_factory=list)
    uses: dict[str, int] = field(default_factory=dict)

    def resource(self, symbol: str) -> Declaration:
        return next(found for found in self.resources if found.symbol == symbol)


@dataclass(frozen=True)
class Param:
    described: bool
    default: Any


def read(path: Path) -> Template:
    root = _PARSER.parse(path.read_bytes()).root_node
    template = Template(path, [f"{path.name}:{node.start_point.row + 1}" for node in _errors(root)])
    decorators: list[str] = []
    for node in root.named_children:
        if node.type == "decorators":
            decorators = [_text(child) for child in node.named_children]
            continue
        _declare(template, node, decorators)
        decorators = []
    for node in _all(root):
        if node.type == "identifier" and not _declares(node):
            template.uses[_text(node)] = template.uses.get(_text(node), 0) + 1
    return template


def _declare(template: Template, node: Node, decorators: list[str]) -> None:
    children = node.named_children
    if node.type == "parameter_declaration":
        default = _value(children[2]) if len(children) > 2 else ...
        template.params[_text(children[0])] = Param(
            any(text.startswith("@description(") for text in decorators), default
        )
    elif node.type == "variable_declaration":
        template.variables[_text(children[0])] = _value(children[-1])
    elif node.type == "output_declaration":
        template.outputs[_text(children[0])] = _value(children[-1])
    elif node.type == "module_declaration":
        template.modules.append(_declaration(node, None))
    elif node.type == "resource_declaration":
        template.resources.extend(_resources(node, None))


def _resources(node: Node, within: str | None) -> Iterator[Declaration]:
    declared = _declaration(node, within)
    yield declared
    for member in node.named_children[-1].named_children:
        for child in member.named_children:
            if child.type == "resource_declaration":
                yield from _resources(child, declared.symbol)


def _declaration(node: Node, within: str | None) -> Declaration:
    symbol, type_and_version, *_, body = node.named_children
    kind, _, version = _literal(type_and_version).partition("@")
    existing = any(child.type == "existing" for child in node.children)
    while body.type in {"for_statement", "if_statement"}:
        body = body.named_children[-1]
    value = _value(body)
    return Declaration(_text(symbol), kind, version, existing, value, within)


def _value(node: Node) -> Any:
    kinds: dict[str, Callable[[Node], Any]] = {
        "object": _object,
        "array": lambda array: [_value(child) for child in array.named_children if child.type != "comment"],
        "for_statement": lambda loop: [_value(loop.named_children[-1])],
        "number": lambda number: int(_text(number)),
        "boolean": lambda boolean: _text(boolean) == "true",
        "null": lambda _: None,
    }
    if node.type == "string" and not any(child.type == "interpolation" for child in node.named_children):
        return _literal(node)
    read = kinds.get(node.type)
    return read(node) if read else Expression(_text(node))


def _object(node: Node) -> dict[str, Any]:
    members = (child.named_children for child in node.named_children if child.type == "object_property")
    pairs = (member for member in members if member[0].type != "resource_declaration")
    return {_literal(key) if key.type == "string" else _text(key): _value(value) for key, value in pairs}


def _literal(node: Node) -> str:
    return "".join(_text(child) for child in node.named_children)


def _declares(node: Node) -> bool:
    parent = node.parent
    if parent is None or parent.named_children[0] != node:
        return False
    return parent.type.endswith("_declaration") or (parent.type == "object_property" and len(parent.named_children) > 1)


def _errors(node: Node) -> Iterator[Node]:
    return (child for child in _all(node) if child.is_error or child.is_missing)


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _all(child)


def _text(node: Node) -> str:
    return (node.text or b"").decode()
