"""The hooks of `azd up`, against fakes of Resource Manager, SQL and the clock."""

import subprocess
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest

from imagectl.deployment.check import PROVIDERS, check
from imagectl.deployment.database_access import access_script, prepare_database, sid_of
from imagectl.deployment.errors import DeploymentError
from imagectl.deployment.outputs import Outputs, outputs
from imagectl.deployment.roles import wait_for_roles
from imagectl.deployment.sql_session import connection_string, session
from tests.deployment.fakes import CLIENT_ID, DEPLOYED, ENVIRONMENT, FakeClock, FakeDatabase, FakeResourceManager
from tests.image_metadata.database import tds

ROOT = Path(__file__).resolve().parents[2]
IN_A_REGION = ENVIRONMENT | {"AZURE_LOCATION": "westeurope"}
REGIONS = {"value": [{"name": "West Europe"}, {"name": "North Europe"}]}
FIREWALL = (
    "[SQL Server]Cannot open server 'sql-test' requested by the login. "
    "Client with IP address '203.0.113.7' is not allowed to access the server. (40615)"
)
PAUSED = "[SQL Server]Database 'images' on server 'sql-test' is not currently available. (40613)"


def arm_with_states(*states: str) -> FakeResourceManager:
    """Every provider's registration passes through these states, one per request."""
    left: dict[str, list[str]] = {}

    def answer(method: str, path: str) -> tuple[int, object]:
        if "geoRegions" in path:
            assert "sku=FlexConsumption" in path
            return 200, REGIONS
        if method == "POST":
            return 200, {}
        remaining = left.setdefault(path, list(states))
        return 200, {"registrationState": remaining.pop(0) if len(remaining) > 1 else remaining[0]}

    return FakeResourceManager(answer)


def test_a_registered_provider_is_not_registered_again():
    arm = arm_with_states("Registered")
    check(arm.client(), IN_A_REGION)
    assert [method for method, _ in arm.requests] == ["GET"] * (1 + len(PROVIDERS))


def test_an_unregistered_provider_is_registered_and_waited_for():
    arm, clock = arm_with_states("NotRegistered", "Registering", "Registered"), FakeClock()
    check(arm.client(), IN_A_REGION, clock.polling())
    registered = [path.split("/")[-2] for method, path in arm.requests if method == "POST"]
    assert tuple(registered) == PROVIDERS
    assert clock.slept == [10] * len(PROVIDERS)


def test_a_registration_that_never_completes_names_the_provider():
    with pytest.raises(DeploymentError, match=r"Microsoft\.AlertsManagement.*az provider register"):
        check(arm_with_states("Registering").client(), IN_A_REGION, FakeClock().polling())


def test_a_region_without_flex_consumption_is_refused_and_the_others_are_listed():
    with pytest.raises(DeploymentError, match=r"found mars; .*northeurope, westeurope"):
        check(arm_with_states("Registered").client(), ENVIRONMENT | {"AZURE_LOCATION": "mars"})


def test_before_a_subscription_is_selected_no_request_is_sent(capsys: pytest.CaptureFixture[str]):
    arm = arm_with_states("Registered")
    check(arm.client(), {})
    assert arm.requests == []
    assert "next time" in capsys.readouterr().out


def test_a_refused_request_is_reported_by_its_error_code_without_its_message():
    refusal = {"error": {"code": "AuthorizationFailed", "message": "a long message with ids"}}
    arm = FakeResourceManager(lambda _method, _path: (403, refusal))
    with pytest.raises(DeploymentError, match=r"status 403 \(AuthorizationFailed\)") as caught:
        check(arm.client(), IN_A_REGION)
    assert "a long message" not in str(caught.value)


def roles(*created: str) -> FakeResourceManager:
    return FakeResourceManager(lambda *_: (200, {"value": [{"properties": {"createdOn": time}} for time in created]}))


AT_TEN = "2026-11-25T10:00:00.1234567Z"


def test_the_deployment_waits_until_the_newest_role_is_three_minutes_old():
    clock = FakeClock()
    now = lambda: datetime(2026, 11, 25, 10, 1, tzinfo=UTC).replace(minute=1 + int(clock.now // 60))  # noqa: E731  # a clock
    wait_for_roles(roles(AT_TEN, AT_TEN, AT_TEN).client(), DEPLOYED, clock.polling(600), now)
    assert clock.now == pytest.approx(180, abs=10)


def test_a_second_deployment_does_not_wait_for_roles():
    clock = FakeClock()
    wait_for_roles(roles(*["2026-11-24T10:00:00Z"] * 3).client(), DEPLOYED, clock.polling())
    assert clock.slept == []


def test_a_missing_role_stops_the_deployment():
    with pytest.raises(DeploymentError, match="run azd provision"):
        wait_for_roles(roles("2026-11-24T10:00:00Z").client(), DEPLOYED, FakeClock().polling())


def firewall() -> FakeResourceManager:
    return FakeResourceManager(lambda *_: (200, {}))


def test_a_refused_address_has_a_firewall_rule_while_the_database_is_used():
    arm, database = firewall(), FakeDatabase()
    database.refusals = [FIREWALL, FIREWALL, PAUSED]
    with session(arm.client(), DEPLOYED, database.open_connection, FakeClock().polling()):
        assert [method for method, _ in arm.requests] == ["PUT"]
        assert arm.bodies == [{"properties": {"startIpAddress": "203.0.113.7", "endIpAddress": "203.0.113.7"}}]
    (_, made), (method, removed) = arm.requests
    assert (method, removed) == ("DELETE", made)


def test_the_firewall_rule_is_removed_when_the_work_fails():
    arm, database = firewall(), FakeDatabase()
    database.refusals = [FIREWALL]
    with (
        pytest.raises(ZeroDivisionError),
        session(arm.client(), DEPLOYED, database.open_connection, FakeClock().polling()),
    ):
        raise ZeroDivisionError
    assert [method for method, _ in arm.requests] == ["PUT", "DELETE"]


def test_an_open_firewall_is_not_changed():
    arm = firewall()
    with session(arm.client(), DEPLOYED, FakeDatabase().open_connection, FakeClock().polling()):
        pass
    assert arm.requests == []


def test_a_refused_login_stops_the_hook():
    database = FakeDatabase()
    database.refusals = ["[SQL Server]Login failed for user '<token-identified principal>'."]
    with (
        pytest.raises(DeploymentError, match="sign in with azd as the operator"),
        session(firewall().client(), DEPLOYED, database.open_connection, FakeClock().polling()),
    ):
        pass


def test_the_connection_string_contains_no_credential():
    assert not {"PWD", "UID", "PASSWORD"} & set(connection_string(DEPLOYED).upper().replace("=", ";").split(";"))


def test_the_sid_of_an_identity_is_its_client_id_in_the_byte_order_of_a_uniqueidentifier():
    # SELECT CONVERT(VARBINARY(16), CONVERT(UNIQUEIDENTIFIER, '00112233-4455-6677-8899-aabbccddeeff'))
    assert sid_of(CLIENT_ID).hex() == "33221100554477668899aabbccddeeff"


def test_the_driver_of_the_hooks_logs_in_with_a_token():
    # In a process of its own: two copies of the driver in one process are not supported.
    code = (
        "import sys; from imagectl.deployment.sql_session import opening_with; "
        "from tests.deployment.fakes import FakeSignIn; opening_with(FakeSignIn())(sys.argv[1]).close()"
    )
    with tds.serving(tds.ready) as server:
        address = f"Server=tcp:127.0.0.1,{server.port};Database=images;Encrypt=no"
        subprocess.run([sys.executable, "-c", code, address], cwd=ROOT, timeout=60, check=True)
    (login,) = [payload for kind, payload in server.requests if kind == tds.LOGIN]
    assert "a-token".encode("utf-16-le") in login


def test_the_database_gets_schema_user_and_grants():
    database = FakeDatabase(rows=[(sid_of(CLIENT_ID),)])
    prepare_database(database, DEPLOYED)
    schema, access, look = (statement for statement, _ in database.statements)
    assert "CREATE TABLE ImageMetadata" in schema
    assert access == access_script("id-test", CLIENT_ID)
    assert "sys.database_principals" in look


def test_a_database_user_with_another_sid_stops_the_hook():
    database = FakeDatabase(rows=[(uuid.UUID(CLIENT_ID).bytes,)])
    with pytest.raises(DeploymentError, match="another SID"):
        prepare_database(database, DEPLOYED)


def test_the_access_script_names_the_identity_and_its_client_id():
    script = access_script("id-test", CLIENT_ID)
    assert f"= N'{CLIENT_ID}';" in script
    assert "= N'id-test';" in script


@pytest.mark.parametrize("name", ["it's", "a;b", ""])
def test_a_name_that_no_identity_can_have_is_refused(name: str):
    with pytest.raises(DeploymentError):
        access_script(name, CLIENT_ID)


def test_outputs_come_from_the_environment_of_azd():
    assert outputs(ENVIRONMENT) == DEPLOYED
    assert isinstance(DEPLOYED, Outputs)


@pytest.mark.parametrize("name", sorted(ENVIRONMENT))
def test_a_missing_output_is_named(name: str):
    with pytest.raises(DeploymentError, match=f"found {name} missing; run azd up"):
        outputs(ENVIRONMENT | {name: ""})
