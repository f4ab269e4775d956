"""The corner of the partly untyped ``azure.functions`` that the emulator stands on: converters and the context.

``GENERIC`` is the Python worker's own converter for parameters annotated ``str`` or ``bytes``; the SDK has none.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import azure.functions as func
from azure.functions._thirdparty import typing_inspect
from azure.functions.meta import Datum

__all__ = [
    "GENERIC",
    "THREAD_LOCAL",
    "Datum",
    "FunctionContext",
    "accepts",
    "decode",
    "encode",
    "has_implicit_output",
    "is_type",
]

GENERIC = "generic"
THREAD_LOCAL = threading.local()


def is_type(annotation: object) -> bool:
    """What the worker takes for a type: ``dict`` and ``typing.Dict[str, int]`` are, ``dict[str, int]`` is not."""
    generic = typing_inspect.is_generic_type(annotation)  # type: ignore[no-untyped-call]  # the SDK's is untyped
    return isinstance(annotation, type) or bool(generic)


def has_implicit_output(binding_type: str) -> bool:
    """Whether a function with this binding may return a value without a ``$return`` binding."""
    return bool(_converter(binding_type).has_implicit_output())


def accepts(binding_type: str, annotation: Any) -> bool:
    """Whether the binding's converter can give a parameter of this annotation its value; may raise TypeError."""
    if binding_type == GENERIC:
        return issubclass(annotation, (str, bytes))
    return bool(_converter(binding_type).check_input_type_annotation(annotation))


def decode(binding_type: str, datum: Datum, trigger_metadata: Mapping[str, Datum]) -> Any:
    """The argument that ``datum`` becomes; the metadata goes only to converters of triggers."""
    if binding_type == GENERIC:
        return datum.value
    converter = _converter(binding_type)
    metadata = trigger_metadata if converter.has_trigger_support() else {}
    return converter.decode(datum, trigger_metadata=metadata)


def encode(binding_type: str, value: object) -> Datum:
    """The result ``value`` as the host receives it."""
    datum: Datum = _converter(binding_type).encode(value, expected_type=None)
    return datum


def _converter(binding_type: str) -> Any:
    return func.get_binding_registry().get(binding_type)  # type: ignore[no-untyped-call]  # the SDK's is untyped


@dataclass(frozen=True)
class FunctionContext(func.Context):
    """What a parameter ``context`` that is no binding receives. There is no tracing and no retry policy here."""

    # The defaults stand for the SDK's abstract properties, which a dataclass field alone does not override.
    invocation_id: str = ""
    function_name: str = ""
    function_directory: str = ""

    @property
    def thread_local_storage(self) -> Any:
        return THREAD_LOCAL

    @property
    def trace_context(self) -> Any:
        return SimpleNamespace(trace_state="", trace_parent="", attributes={})

    @property
    def retry_context(self) -> Any:
        return SimpleNamespace(retry_count=0, max_retry_count=0, exception=None)
