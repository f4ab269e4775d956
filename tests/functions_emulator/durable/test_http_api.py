"""The durable HTTP API over real HTTP, by hand and through the SDK's own client."""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import azure.durable_functions as df
import pytest

from tests.functions_emulator.durable_app import RunningApp, finished

WEBHOOKS = "/runtime/webhooks/durabletask"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


def call(app: RunningApp, method: str, path: str, body: str | None = None, **headers: str) -> Answer:
    connection = HTTPConnection(urlsplit(app.host.url).netloc, timeout=30)
    connection.request(
        method, f"{WEBHOOKS}/{path}", body, {name.replace("_", "-"): value for name, value in headers.items()}
    )
    response = connection.getresponse()
    answer = Answer(response.status, dict(response.headers), response.read().decode())
    connection.close()
    return answer


@pytest.fixture
def client(durable: RunningApp):
    """The SDK's client, as a function gets it."""
    with durable.host.clients.bind() as binding:
        yield df.DurableOrchestrationClient(binding.payload)


def started(app: RunningApp, name: str, value: Any = None, prefix: str = "") -> str:
    return finished(app.start(name, value, prefix + uuid.uuid4().hex)).id


def test_the_sdk_starts_an_instance_and_reads_its_output(durable: RunningApp, client: df.DurableOrchestrationClient):
    instance_id = durable.run(client.start_new("Sequence", "sdk-1", "ab"))
    finished(durable.engine.instances[instance_id])
    status = durable.run(client.get_status(instance_id, show_input=True))
    assert (instance_id, status.runtime_status) == ("sdk-1", df.OrchestrationRuntimeStatus.Completed)
    assert (status.input_, status.output, status.name) == ('"ab"', ["abab", None], "Sequence")


def test_an_id_is_made_when_none_is_given(durable: RunningApp, client: df.DurableOrchestrationClient):
    instance_id = durable.run(client.start_new("Echo"))
    assert finished(durable.engine.instances[instance_id]).input is None


def test_the_sdk_raises_when_an_instance_is_live(durable: RunningApp, client: df.DurableOrchestrationClient):
    durable.run(client.start_new("Waiting", "live", 1))
    with pytest.raises(Exception, match=r"^\{'Message': 'An Orchestration instance with the status Running already ex"):
        durable.run(client.start_new("Waiting", "live", 1))
    live = (df.OrchestrationRuntimeStatus.Pending, df.OrchestrationRuntimeStatus.Running)
    assert durable.run(client.get_status("live")).runtime_status in live
    finished(durable.engine.instances["live"])
    assert durable.run(client.start_new("Echo", "live", 1)) == "live"


def test_the_sdk_finds_no_status_for_an_unknown_instance(durable: RunningApp, client: df.DurableOrchestrationClient):
    assert not durable.run(client.get_status("unknown"))


def test_the_sdk_terminates_and_purges(durable: RunningApp, client: df.DurableOrchestrationClient):
    durable.run(client.start_new("Waiting", "doomed", 1))
    with pytest.raises(Exception, match="412"):
        durable.run(client.purge_instance_history("doomed"))
    durable.run(client.terminate("doomed", "not wanted: ä & ö"))
    status = durable.run(client.get_status("doomed"))
    assert (status.runtime_status, status.output) == (df.OrchestrationRuntimeStatus.Terminated, "not wanted: ä & ö")
    assert durable.run(client.purge_instance_history("doomed")).instances_deleted == 1
    assert durable.run(client.purge_instance_history("doomed")).instances_deleted == 0


def test_the_sdk_lists_and_purges_by_status_and_time(durable: RunningApp, client: df.DurableOrchestrationClient):
    before = datetime.now(UTC) - timedelta(seconds=1)
    failed = [started(durable, "Failing", "x", "by-") for _ in range(3)]
    completed = started(durable, "Echo", 1, "by-")
    chosen = [df.OrchestrationRuntimeStatus.Failed]
    listed = durable.run(client.get_status_by(before, runtime_status=chosen, instance_id_prefix="by-"))
    assert sorted(status.instance_id for status in listed) == sorted(failed)
    assert durable.run(client.purge_instance_history_by(before, None, chosen)).instances_deleted >= 3
    assert durable.run(client.get_status(completed))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [('"{\\"a\\": 1}"', '{"a": 1}'), ('{"a": 1}', {"a": 1}), ("7", 7), ("", None)],
    ids=["text of JSON", "object", "number", "nothing"],
)
def test_the_body_is_the_input(durable: RunningApp, sent: str, kept: Any):
    instance_id = uuid.uuid4().hex
    answer = call(durable, "POST", f"orchestrators/Echo/{instance_id}", sent, Content_Type="application/json")
    assert answer.status == HTTPStatus.ACCEPTED
    assert finished(durable.engine.instances[instance_id]).input == kept


def test_starting_answers_with_the_management_addresses(durable: RunningApp):
    answer = call(durable, "POST", "orchestrators/Echo/managed", "1")
    base = f"{durable.host.url}{WEBHOOKS}/instances/managed"
    query = "taskHub=Durable&connection=AzureWebJobsStorage"
    assert answer.json["statusQueryGetUri"] == answer.headers["Location"] == f"{base}?{query}"
    assert answer.json["terminatePostUri"] == f"{base}/terminate?reason={{text}}&{query}"
    assert answer.json["id"] == "managed"


def test_a_status_has_the_fields_of_the_extension(durable: RunningApp):
    answer = call(durable, "GET", f"instances/{started(durable, 'Failing', 'why')}")
    status = answer.json
    assert (answer.status, status["runtimeStatus"], status["input"]) == (HTTPStatus.OK, "Failed", '"why"')
    assert status["output"] == "Orchestrator function 'Failing' failed: why"
    assert status["customStatus"] == {"step": "failing"}
    assert datetime.fromisoformat(status["createdTime"]) <= datetime.fromisoformat(status["lastUpdatedTime"])
    assert "historyEvents" not in status


def test_a_running_instance_is_202_and_hides_its_input_on_request(durable: RunningApp):
    instance = durable.start("Waiting", 1)
    answer = call(durable, "GET", f"instances/{instance.id}?showInput=false")
    assert (answer.status, answer.json["input"], answer.headers["Retry-After"]) == (HTTPStatus.ACCEPTED, None, "5")
    finished(instance)


def test_the_history_names_each_step_and_shows_results_on_request(durable: RunningApp):
    instance_id = started(durable, "Sequence", 2)
    plain = call(durable, "GET", f"instances/{instance_id}?showHistory=true").json["historyEvents"]
    assert [event["EventType"] for event in plain] == [
        "ExecutionStarted",
        "TaskCompleted",
        "TaskCompleted",
        "ExecutionCompleted",
    ]
    assert [event.get("FunctionName") for event in plain[1:3]] == ["Double", "Nothing"]
    assert not [event for event in plain if "Result" in event]
    with_results = call(durable, "GET", f"instances/{instance_id}?showHistory=true&showHistoryOutput=true").json
    assert with_results["historyEvents"][-1]["Result"] == [4, None]


def test_a_list_comes_in_pages_that_miss_nothing_and_repeat_nothing(durable: RunningApp):
    ids = [started(durable, "Echo", number, "paged-") for number in range(7)]
    seen: list[str] = []
    token: dict[str, str] = {}
    while not seen or token:
        answer = call(durable, "GET", "instances?instanceIdPrefix=paged-&top=3", **token)
        assert len(answer.json) <= 3
        seen += [status["instanceId"] for status in answer.json]
        token = {key: value for key, value in answer.headers.items() if key == "x-ms-continuation-token"}
    assert seen == sorted(ids)


def test_a_list_is_filtered_by_the_time_of_creation(durable: RunningApp):
    instance_id = started(durable, "Echo", 1, "timed-")
    hour = timedelta(hours=1)
    for start, expected in [(datetime.now(UTC) - hour, [instance_id]), (datetime.now(UTC) + hour, [])]:
        query = f"instanceIdPrefix=timed-&createdTimeFrom={start:%Y-%m-%dT%H:%M:%SZ}"
        assert [status["instanceId"] for status in call(durable, "GET", f"instances/?{query}").json] == expected


def test_a_finished_instance_cannot_be_terminated(durable: RunningApp):
    assert call(durable, "POST", f"instances/{started(durable, 'Echo')}/terminate").status == HTTPStatus.GONE
    assert call(durable, "POST", "instances/unknown/terminate").status == HTTPStatus.NOT_FOUND


def test_an_unknown_instance_is_404_without_a_body(durable: RunningApp):
    answer = call(durable, "GET", "instances/unknown")
    assert (answer.status, answer.text) == (HTTPStatus.NOT_FOUND, "")


@pytest.mark.parametrize("instance_id", ["%40a", "a%2Fb", "a%5Cb", "a%3Fb", "a%23b", "a%0Ab", "a" * 257])
def test_an_id_that_the_host_refuses_is_refused(durable: RunningApp, instance_id: str):
    answer = call(durable, "POST", f"orchestrators/Echo/{instance_id}")
    assert (answer.status, answer.json["Message"][:12]) == (HTTPStatus.BAD_REQUEST, "Instance IDs")


def test_a_plus_in_an_id_is_a_space(durable: RunningApp):
    assert call(durable, "POST", "orchestrators/Echo/a+b").json["id"] == "a b"


@pytest.mark.parametrize(
    ("method", "path", "body", "reason"),
    [
        ("POST", "orchestrators/Echo", "{", "is not JSON"),
        ("GET", "instances?top=none", None, "'top'"),
        ("GET", "instances?runtimeStatus=Running,Sleeping", None, "found Sleeping"),
        ("GET", "instances?createdTimeFrom=yesterday", None, "'createdTimeFrom'"),
        ("DELETE", "instances?runtimeStatus=Failed", None, "'createdTimeFrom'"),
    ],
)
def test_a_malformed_request_is_400_with_the_reason(
    durable: RunningApp, method: str, path: str, body: str | None, reason: str
):
    answer = call(durable, method, path, body)
    assert answer.status == HTTPStatus.BAD_REQUEST
    assert reason in answer.json["Message"]


def test_a_continuation_token_that_the_api_did_not_issue_is_refused(durable: RunningApp):
    answer = call(durable, "GET", "instances", x_ms_continuation_token="?")  # noqa: S106  # a page, not a password
    assert answer.status == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "instances/a/raiseEvent/Approved"),
        ("POST", "instances/a/rewind"),
        ("POST", "instances/a/restart"),
        ("POST", "instances/a/suspend"),
        ("POST", "instances/a/resume"),
        ("GET", "entities/Counter/1"),
        ("PUT", "instances/a"),
    ],
)
def test_everything_else_is_501_and_names_itself(durable: RunningApp, method: str, path: str):
    answer = call(durable, method, path)
    assert answer.status == HTTPStatus.NOT_IMPLEMENTED
    assert answer.json["Message"].startswith(f"{method} {path} is not supported by functions_emulator")


def test_the_instances_of_one_invocation_are_distinguished_from_those_of_another(durable: RunningApp):
    with durable.host.clients.bind() as one, durable.host.clients.bind() as other:
        client = df.DurableOrchestrationClient(one.payload)
        durable.run(client.start_new("Echo", "seen-started"))
        durable.run(client.get_status("seen-unknown"))
        durable.run(df.DurableOrchestrationClient(other.payload).get_status("seen-started"))
    assert (one.instance_ids, other.instance_ids) == ({"seen-started", "seen-unknown"}, {"seen-started"})


def test_the_host_status_is_running(durable: RunningApp):
    with urlopen(f"{durable.host.url}/admin/host/status") as answer:  # noqa: S310  # our own address
        assert json.load(answer)["state"] == "Running"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "localhost:7071"}, HTTPStatus.OK),
        ({"Host": "[::1]:7071", "Origin": "http://127.0.0.1:3000"}, HTTPStatus.OK),
        ({"Host": "rebound.example:7071"}, HTTPStatus.FORBIDDEN),
        ({"Origin": "https://page.example"}, HTTPStatus.FORBIDDEN),
        ({"Origin": "null"}, HTTPStatus.FORBIDDEN),
        ({"Host": "[broken"}, HTTPStatus.FORBIDDEN),
    ],
)
def test_only_loopback_names_are_answered(durable: RunningApp, headers: dict[str, str], status: HTTPStatus):
    assert call(durable, "GET", "instances/", **headers).status == status
