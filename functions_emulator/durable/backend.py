"""Microsoft's in-memory orchestration backend, called in this process.

Client and worker of `durabletask` speak to a backend over gRPC. Here both run in this process, where gRPC would cost a
quarter of the processor time of an orchestration and open a port to every program on the computer.
"""

from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import grpc  # type: ignore[import-untyped]  # grpcio ships no types
from durabletask.internal.orchestrator_service_pb2_grpc import TaskHubSidecarServiceServicer


class RequestAbortedError(grpc.RpcError):  # type: ignore[misc]  # as above
    """The backend refused a request."""

    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        super().__init__(f"{code.name}: {details}")
        self._code, self._details = code, details

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return self._details


class InProcessChannel:
    """The part of `grpc.Channel` that the generated stub of the service uses.

    A request is answered in the thread that sends it, and messages are passed as they are: a message that is made a
    part of another one is copied.
    """

    def __init__(self, backend: TaskHubSidecarServiceServicer) -> None:
        self._backend = backend

    def unary_unary(self, method: str, *_codec: Any, **_options: Any) -> Callable[..., Any]:
        answer = self._method(method)

        def send(request: Any, **_options: Any) -> Any:
            return answer(request, _Context())

        return send

    def unary_stream(self, method: str, *_codec: Any, **_options: Any) -> "Callable[..., _Stream]":
        answer = self._method(method)

        def send(request: Any, **_options: Any) -> _Stream:
            context = _Context()
            return _Stream(answer(request, context), context)

        return send

    def _method(self, path: str) -> Callable[..., Any]:
        """The method of the backend that ``/Service/Method`` names."""
        method: Callable[..., Any] = getattr(self._backend, path.rpartition("/")[2])
        return method


class _Context:
    """The part of `grpc.ServicerContext` that the backend uses."""

    def __init__(self) -> None:
        self._is_active = True

    def is_active(self) -> bool:
        return self._is_active

    def time_remaining(self) -> None:
        """Requests have no deadline."""

    def abort(self, code: grpc.StatusCode, details: str) -> NoReturn:
        raise RequestAbortedError(code, details)

    def cancel(self) -> None:
        self._is_active = False


class _Stream:
    """The messages of a streamed answer; it ends after ``cancel``."""

    def __init__(self, messages: Iterator[Any], context: _Context) -> None:
        self._messages = messages
        self._context = context

    def __iter__(self) -> Iterator[Any]:
        return self._messages

    def cancel(self) -> None:
        self._context.cancel()
