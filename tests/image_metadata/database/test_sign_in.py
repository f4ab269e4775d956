"""``Authentication=ActiveDirectoryDefault`` with the ODBC driver."""

import struct
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError

from image_metadata.database.connections import driver
from image_metadata.database.sign_in import signed_in
from image_metadata.errors import TransientDatabaseError
from tests.image_metadata.database import tds

DRIVER = "Driver={ODBC Driver 18 for SQL Server};Server=tcp:sql.invalid"


class SignIn:
    def get_token(self, *scopes: str, **_options: Any) -> AccessToken:
        assert scopes == ("https://database.windows.net/.default",)
        return AccessToken("tök", 2**33)


class NoSignIn:
    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        raise ClientAuthenticationError("nobody")


@pytest.mark.parametrize("other", [DRIVER, f"{DRIVER};Authentication=ActiveDirectoryMsi", "Driver=SQLite3;Database=x"])
def test_other_connection_strings_are_not_changed(other: str):
    assert signed_in(other, NoSignIn()) == (other, {})


@pytest.mark.parametrize(
    "asked",
    [
        f"{DRIVER};Authentication=ActiveDirectoryDefault;Encrypt=yes",
        f"{DRIVER}; authentication = activedirectorydefault ;Encrypt=yes",
    ],
)
def test_the_driver_gets_an_access_token_instead(asked: str):
    connection_string, options = signed_in(asked, SignIn())
    assert [part for part in connection_string.split(";") if part] == [*DRIVER.split(";"), "Encrypt=yes"]
    # As msodbcsql.h declares ACCESSTOKEN: the length in bytes, then the token in UTF-16.
    (token,) = options["attrs_before"].values()
    assert struct.unpack("<i", token[:4]) == (6,)
    assert token[4:].decode("utf-16-le") == "tök"


def test_without_a_sign_in_the_error_says_how_to_get_one():
    with pytest.raises(TransientDatabaseError, match="run azd auth login"):
        signed_in(f"{DRIVER};Authentication=ActiveDirectoryDefault", NoSignIn())


@pytest.mark.live
def test_microsofts_driver_logs_in_with_the_token():
    with tds.serving(tds.ready) as server:
        asked = f"Driver={{{tds.driver_path()}}};Server=tcp:127.0.0.1,{server.port};Encrypt=no;ConnectRetryCount=0"
        connection_string, options = signed_in(f"{asked};Authentication=ActiveDirectoryDefault", SignIn())
        driver().connect(connection_string, autocommit=True, timeout=10, **options).close()
    (login,) = [payload for kind, payload in server.requests if kind == tds.LOGIN]
    assert "tök".encode("utf-16-le") in login
