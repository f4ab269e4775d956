"""Settings are read in one place; a missing or malformed one names itself and the next move."""

from datetime import timedelta

import pytest

from image_metadata import settings
from image_metadata.errors import SettingError

KEY = "c2VjcmV0"


def test_development_storage_is_azurites_account():
    found = settings.image_storage({"ImageStorage": "UseDevelopmentStorage=true"})
    assert found.account == "devstoreaccount1"


@pytest.mark.parametrize(
    ("connection_string", "account"),
    [
        (f"DefaultEndpointsProtocol=https;AccountName=pictures;AccountKey={KEY}", "pictures"),
        ("BlobEndpoint=https://pictures.blob.core.windows.net/;SharedAccessSignature=sv", "pictures"),
        ("BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;SharedAccessSignature=sv", "devstoreaccount1"),
    ],
)
def test_a_connection_string_tells_the_account(connection_string: str, account: str):
    assert settings.image_storage({"ImageStorage": connection_string}).account == account


def test_an_account_name_is_enough_for_an_identity():
    found = settings.image_storage({"ImageStorage__accountName": "pictures"})
    assert (found.blob_url, found.queue_url) == (
        "https://pictures.blob.core.windows.net",
        "https://pictures.queue.core.windows.net",
    )


def test_service_urls_and_a_user_assigned_identity_are_understood():
    found = settings.image_storage(
        {
            "ImageStorage__blobServiceUri": "https://pictures.blob.core.windows.net",
            "ImageStorage__queueServiceUri": "https://pictures.queue.core.windows.net",
            "ImageStorage__credential": "managedidentity",
            "ImageStorage__clientId": "11111111-2222-3333-4444-555555555555",
        }
    )
    assert (found.account, found.managed_identity, found.client_id) == (
        "pictures",
        True,
        "11111111-2222-3333-4444-555555555555",
    )


@pytest.mark.parametrize(
    "name",
    [
        "ImageStorage",
        "imagestorage",
        "AzureWebJobsImageStorage",
        "ConnectionStrings__ImageStorage",
        "ConnectionStrings:AzureWebJobsImageStorage",
        "CUSTOMCONNSTR_ImageStorage",
    ],
)
def test_a_connection_is_found_under_every_name_that_the_host_looks_for(name: str):
    assert settings.image_storage({name: "UseDevelopmentStorage=true"}).account == "devstoreaccount1"


@pytest.mark.parametrize(
    "name", ["AzureWebJobsImageStorage__accountName", "ImageStorage:accountName", "ImageStorage__AccountName"]
)
def test_an_identity_is_found_under_every_name_that_the_host_looks_for(name: str):
    assert settings.image_storage({name: "pictures"}).account == "pictures"


def test_the_name_that_the_host_prefers_wins():
    found = settings.image_storage(
        {
            "ImageStorage": "AccountName=plain;AccountKey=YQ==",
            "AzureWebJobsImageStorage": "AccountName=prefixed;AccountKey=YQ==",
            "ConnectionStrings__ImageStorage": "AccountName=section;AccountKey=YQ==",
        }
    )
    assert found.account == "prefixed"


def test_the_short_form_of_a_service_address_is_understood():
    found = settings.image_storage({"ImageStorage__serviceUri": "https://pictures.blob.core.windows.net"})
    assert (found.account, found.queue_url) == ("pictures", "https://pictures.queue.core.windows.net")


@pytest.mark.parametrize("prefix", ["", "SQLAZURECONNSTR_", "SQLCONNSTR_", "CUSTOMCONNSTR_", "ConnectionStrings__"])
def test_the_database_is_found_among_the_connection_strings_of_the_app(prefix: str):
    assert settings.sql({f"{prefix}SqlConnectionString": "Driver=x"}).connection_string == "Driver=x"


def test_the_identity_and_the_connection_string_give_the_same_account():
    by_key = settings.image_storage({"ImageStorage": f"AccountName=pictures;AccountKey={KEY}"})
    assert settings.image_storage({"ImageStorage__accountName": "pictures"}).account == by_key.account


@pytest.mark.parametrize(
    ("read", "environ", "message"),
    [
        (settings.image_storage, {}, "ImageStorage is not set; copy local.settings.example.json"),
        (settings.image_storage, {"ImageStorage": "nonsense"}, "expected ImageStorage to be a connection string"),
        *(
            (
                settings.image_storage,
                {"ImageStorage": f"AccountName=a;AccountKey={key}"},
                "^expected the AccountKey in ImageStorage to be base64, found other text; copy the connection string",
            )
            for key in ("notbase64!!", "abc", "YQ==x", "\xe9")
        ),
        *(
            (settings.image_storage, environ, "^expected the endpoints of ImageStorage to be URLs, found one that")
            for environ in (
                {"ImageStorage": "BlobEndpoint=http://[::"},
                {"ImageStorage": f"AccountName=a;AccountKey={KEY};BlobEndpoint=http://[::"},
                {"ImageStorage": f"AccountName=a;AccountKey={KEY};QueueEndpoint=http://[::"},
                {"ImageStorage__blobServiceUri": "https://[::"},
            )
        ),
        (
            settings.image_storage,
            {"ImageStorage": "AccountName=a;AccountKey"},
            "^expected every part of ImageStorage to be a name with a value, found one without;",
        ),
        (settings.sql, {}, "SqlConnectionString is not set; copy local.settings.example.json"),
        (settings.sql, {"SqlConnectionString": "nonsense"}, "expected SqlConnectionString to be an ODBC"),
        (settings.sql, {"SqlConnectionString": "D=x", "SqlConnectTimeoutSeconds": "0"}, "expected SqlConnectTimeout"),
        (settings.reconcile_grace, {"ReconcileGraceMinutes": "-1"}, "expected ReconcileGraceMinutes to be a whole"),
        (
            settings.keep_history,
            {"KeepHistoryDays": "x"},
            "expected KeepHistoryDays to be a whole number of days, found x;",
        ),
        (
            settings.store_location,
            {"STORE_LOCATION": "Maybe"},
            "expected STORE_LOCATION to be true or false, found Maybe;",
        ),
    ],
)
def test_a_missing_or_malformed_setting_names_itself_and_the_next_move(read, environ: dict[str, str], message: str):
    with pytest.raises(SettingError, match=message):
        read(environ)


def test_the_location_is_not_kept_unless_asked():
    assert [settings.store_location({"STORE_LOCATION": value}) for value in ("", "off", "true")] == [False, False, True]


def test_time_limits_let_a_paused_database_wake_up():
    found = settings.sql({"SqlConnectionString": "Driver=x"})
    assert found.connect_timeout > 60


def test_an_upload_is_reconciled_after_ten_minutes_unless_set_otherwise():
    found = [settings.reconcile_grace({"ReconcileGraceMinutes": value}) for value in ("", "0", "60")]
    assert found == [timedelta(minutes=10), timedelta(), timedelta(hours=1)]


def test_no_secret_shows_in_a_representation():
    storage = settings.image_storage({"ImageStorage": f"AccountName=pictures;AccountKey={KEY}"})
    sql = settings.sql({"SqlConnectionString": f"Driver=x;PWD={KEY}"})
    assert KEY not in f"{storage!r}{sql!r}"
