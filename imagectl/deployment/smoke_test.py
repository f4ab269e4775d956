"""After the code is deployed: process one image and print its row."""

import struct
import sys
import zlib
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from azure.core.exceptions import AzureError
from azure.storage.blob import ContainerClient

from imagectl.deployment.arm import Arm
from imagectl.deployment.errors import DeploymentError
from imagectl.deployment.host_keys import host_keys
from imagectl.deployment.outputs import Outputs
from imagectl.deployment.polling import Polling

ARRIVAL = Polling(seconds=900)
COLUMNS = ("file_name", "file_size_kb", "width", "height", "format", "stored_at")

_ROW = f"SELECT {', '.join(COLUMNS)} FROM ImageMetadata WHERE file_name = ?"  # noqa: S608  # names of ours
_UPLOAD_MOVE = "sign in with azd as the operator, who has the role Storage Blob Data Contributor on image-input"
_NEXT_MOVE = "run imagectl --azd status; docs/operations.md follows one image through the logs"


def smoke_test(container: ContainerClient, connection: Any, polling: Polling = ARRIVAL) -> None:
    """Upload a tiny image, wait for its row, print it, and delete the image.

    Raises:
        DeploymentError: the upload was refused, or no row arrived.
    """
    name = f"smoke-test/{datetime.now(UTC):%Y%m%dT%H%M%SZ}.png"
    # A role that was assigned a minute ago may not have propagated.
    polling.until(lambda: _uploaded(container, name), "storage to accept an image", _UPLOAD_MOVE)
    try:
        row = polling.until(lambda: _row(connection, name), f"the row of {name}", _NEXT_MOVE)
    finally:
        _delete(container, name)
    for column, value in zip(COLUMNS, row, strict=True):
        print(f"  {column:<12} {value}")


def reconcile_now(arm: Arm, deployed: Outputs) -> None:
    """Run ReconcileTimer once: it finds earlier uploads, and gives the alert on its absence a first line.

    Raises:
        DeploymentError: the app does not answer or refuses.
    """
    # Never stored: not on a command line, nor in the environment of azd.
    key = host_keys(arm, deployed)["masterKey"]
    request = Request(  # noqa: S310  # the app's own https address
        f"{deployed.function_app_url}/admin/functions/ReconcileTimer",
        data=b'{"input": ""}',
        headers={"Content-Type": "application/json", "x-functions-key": key},
    )
    try:
        urlopen(request, timeout=60).close()  # noqa: S310  # as above
    except URLError as error:
        raise DeploymentError(
            f"expected the app to run ReconcileTimer, found: {error}; look at its log, then run azd deploy"
        ) from None


def tiny_png() -> bytes:
    """A PNG of 3 x 2 black pixels."""
    pixels = zlib.compress(b"\0\0\0\0\0\0\0\0\0\0" * 2)
    header = struct.pack(">IIBBBBB", 3, 2, 8, 2, 0, 0, 0)
    chunks = b"".join(_chunk(kind, data) for kind, data in ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b"")))
    return b"\x89PNG\r\n\x1a\n" + chunks


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _uploaded(container: ContainerClient, name: str) -> bool | None:
    try:
        container.upload_blob(name, tiny_png(), overwrite=True)
    except AzureError as error:
        if getattr(error, "status_code", None) == HTTPStatus.FORBIDDEN:
            return None
        sentence = str(error).splitlines()[0]
        raise DeploymentError(f"expected storage to accept an image, found: {sentence}; {_UPLOAD_MOVE}") from None
    return True


def _delete(container: ContainerClient, name: str) -> None:
    """Delete the image. A failure is printed, as an error here would hide the one of the test."""
    try:
        container.delete_blob(name)
    except AzureError as error:
        sentence = str(error).splitlines()[0]
        print(f"expected storage to delete {name}, found: {sentence}; delete it yourself", file=sys.stderr)


def _row(connection: Any, name: str) -> Any:
    cursor = connection.cursor()
    row = cursor.execute(_ROW, (name,)).fetchone()
    cursor.close()
    return row
