"""Imports a function and checks it against its bindings, in the classic Python worker's order and words."""

import importlib
import importlib.machinery
import importlib.util
import inspect
import sys
import typing
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from functions_emulator.app.bindings import Binding
from functions_emulator.app.function_json import FunctionDefinition
from functions_emulator.errors import AppError
from functions_emulator.worker import sdk

_NAMESPACE = "__app__"
_DEFINITION = "the function definition (function.json or function decorators)"
_IMPORT_HINT = (
    "Cannot find module. Please check the requirements.txt file for the missing module. For more info, please refer "
    "the troubleshooting guide: https://aka.ms/functions-modulenotfound"
)


@dataclass(frozen=True)
class LoadedFunction:
    """A function that fits its bindings.

    ``converters`` has a converter's binding type per parameter; ``output`` is the one for the result, or None.
    """

    definition: FunctionDefinition
    main: Callable[..., Any]
    converters: Mapping[str, str]
    wants_context: bool
    output: str | None

    @cached_property
    def is_coroutine(self) -> bool:
        return inspect.iscoroutinefunction(self.main)


@contextmanager
def app_namespace(root: Path) -> Iterator[None]:
    """Make the app importable as the worker does: ``__app__.<Folder>``, and ``root`` on ``sys.path``."""
    spec = importlib.machinery.ModuleSpec(_NAMESPACE, None, is_package=True)
    spec.submodule_search_locations = [str(root)]
    importlib.invalidate_caches()
    sys.modules[_NAMESPACE] = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(root))
    try:
        yield
    finally:
        sys.path.remove(str(root))
        for name in [name for name in sys.modules if name.partition(".")[0] == _NAMESPACE]:
            del sys.modules[name]


def load_function(definition: FunctionDefinition) -> LoadedFunction:
    """Import and check one function within ``app_namespace``; raises AppError with one problem."""
    script = f"{definition.folder.name}/{definition.script_file.name}"
    try:
        return _checked(definition, _import_main(definition))
    except (Exception, SystemExit) as error:  # the app's own code runs here: a broken one must not end the start
        hint = f". {_IMPORT_HINT}" if isinstance(error, ImportError) else ""
        cause = str(error) if isinstance(error, _LoadError) else f"{type(error).__name__}: {error}{hint}"
        raise AppError(f"{script}: cannot load the {definition.name} function: {cause}") from error


class _LoadError(Exception):
    """A check failed; the message is the worker's."""


def _import_main(definition: FunctionDefinition) -> Callable[..., Any]:
    relative = definition.script_file.relative_to(definition.folder.parent)
    parts = [*relative.parts[:-1], relative.stem]
    module = importlib.import_module(".".join([_NAMESPACE, *parts]).removesuffix(".__init__"))
    main: object = getattr(module, definition.entry_point, None)
    if not callable(main):
        raise _LoadError(f"function {definition.entry_point}() is not present in {relative.as_posix()}")
    return main


def _checked(definition: FunctionDefinition, main: Callable[..., Any]) -> LoadedFunction:
    parameters = set(inspect.signature(main).parameters)
    annotations = typing.get_type_hints(main)
    bindings = {binding.name: binding for binding in definition.bindings}
    wants_context = "context" in parameters - set(bindings)
    if wants_context:
        parameters.remove("context")
        _check_context(annotations)
    _check_names(parameters, set(bindings))
    return LoadedFunction(
        definition=definition,
        main=main,
        converters={name: _converter(bindings[name], annotations) for name in parameters},
        wants_context=wants_context,
        output=next((each.type for each in definition.bindings if sdk.has_implicit_output(each.type)), None),
    )


def _check_context(annotations: Mapping[str, Any]) -> None:
    annotation = annotations.get("context", sdk.FunctionContext.__base__)
    if not isinstance(annotation, type) or annotation.__name__ != "Context":
        raise _LoadError(
            f'the "context" parameter is expected to be of type azure.functions.Context, got {annotation!r}'
        )


def _check_names(parameters: set[str], bindings: set[str]) -> None:
    if parameters - bindings:
        raise _LoadError(
            f"the following parameters are declared in Python but not in {_DEFINITION}: {_set(parameters - bindings)}"
        )
    if bindings - parameters:
        raise _LoadError(
            f"the following parameters are declared in {_DEFINITION} but not in Python: {_set(bindings - parameters)}"
        )


def _set(names: set[str]) -> str:
    return "{" + ", ".join(repr(name) for name in sorted(names)) + "}"


def _converter(binding: Binding, annotations: Mapping[str, Any]) -> str:
    """The binding type whose converter makes the parameter's value."""
    if binding.name not in annotations:
        return binding.type
    annotation = annotations[binding.name]
    if getattr(typing.get_origin(annotation) or annotation, "__name__", "") == "Out":
        raise _LoadError(
            f'binding {binding.name} is declared to have the "in" direction in {_DEFINITION}, but its annotation is '
            "azure.functions.Out in Python"
        )
    if not sdk.is_type(annotation):
        raise _LoadError(
            f"binding {binding.name} has invalid non-type annotation {annotation!r}; "
            "the worker takes a class such as dict, or none"
        )
    generic = annotation in (str, bytes) and not sdk.has_implicit_output(binding.type)
    converter = sdk.GENERIC if generic else binding.type
    if not sdk.accepts(converter, annotation):
        raise _LoadError(_mismatch(binding, annotation))
    return converter


def _mismatch(binding: Binding, annotation: Any) -> str:
    data_type = binding.properties.get("dataType")
    if data_type is None:
        return (
            f'type of {binding.name} binding in {_DEFINITION} "{binding.type}" does not match its Python annotation '
            f'"{annotation.__name__}"'
        )
    return (
        f'{binding.name!r} binding type "{binding.type}" and dataType "{data_type}" in {_DEFINITION} do not match the '
        f'corresponding function parameter\'s Python type annotation "{annotation.__name__}"'
    )
