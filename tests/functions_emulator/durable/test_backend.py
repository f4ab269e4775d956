"""The channel between the engine's client, its worker and its backend."""

import threading

import grpc  # type: ignore[import-untyped]  # grpcio ships no types
import pytest
from durabletask.internal.orchestrator_service_pb2 import CreateInstanceRequest, GetWorkItemsRequest
from durabletask.internal.orchestrator_service_pb2_grpc import TaskHubSidecarServiceStub
from durabletask.testing import InMemoryOrchestrationBackend

from functions_emulator.durable.backend import InProcessChannel, RequestAbortedError


@pytest.fixture
def stub() -> TaskHubSidecarServiceStub:
    return TaskHubSidecarServiceStub(InProcessChannel(InMemoryOrchestrationBackend()))


def test_a_request_is_answered_by_the_backend(stub: TaskHubSidecarServiceStub):
    assert stub.StartInstance(CreateInstanceRequest(instanceId="one", name="Echo")).instanceId == "one"


def test_a_request_that_the_backend_refuses_raises_its_status(stub: TaskHubSidecarServiceStub):
    request = CreateInstanceRequest(instanceId="one", name="Echo")
    stub.StartInstance(request)
    with pytest.raises(RequestAbortedError, match="already exists") as refused:
        stub.StartInstance(request)
    assert refused.value.code() is grpc.StatusCode.ALREADY_EXISTS
    assert "one" in refused.value.details()


def test_a_stream_gives_what_the_backend_has_until_it_is_canceled(stub: TaskHubSidecarServiceStub):
    stub.StartInstance(CreateInstanceRequest(instanceId="one", name="Echo"))
    stream = stub.GetWorkItems(GetWorkItemsRequest())
    items = iter(stream)
    assert next(items).orchestratorRequest.instanceId == "one"
    threading.Timer(0.2, stream.cancel).start()
    assert list(items) == []
