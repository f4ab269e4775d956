"""Microsoft's in-memory orchestration backend, on loopback."""

from concurrent.futures import ThreadPoolExecutor

import grpc  # type: ignore[import-untyped]  # grpcio ships no types
from durabletask.internal.orchestrator_service_pb2_grpc import add_TaskHubSidecarServiceServicer_to_server
from durabletask.testing import InMemoryOrchestrationBackend

_LARGEST_MESSAGE = 64 * 1024 * 1024
CHANNEL_OPTIONS = [
    ("grpc.max_receive_message_length", _LARGEST_MESSAGE),
    ("grpc.max_send_message_length", _LARGEST_MESSAGE),
    ("grpc.so_reuseport", 0),
]
# The backend keeps one of them for the stream of work items.
_SERVER_THREADS = 16


class LoopbackBackend(InMemoryOrchestrationBackend):
    """The backend as it is, but for where it listens: its own ``start`` opens the port to the whole network."""

    def start(self) -> str:
        """Listen on a free port of 127.0.0.1; returns the address."""
        self._shutdown_event.clear()
        self._server = grpc.server(ThreadPoolExecutor(_SERVER_THREADS), options=CHANNEL_OPTIONS)
        add_TaskHubSidecarServiceServicer_to_server(self, self._server)  # type: ignore[no-untyped-call]  # generated
        self._port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()
        return f"127.0.0.1:{self._port}"
