"""Which blob states have been processed: receipts in storage, so that a restart does not deliver them again."""

import asyncio
import hashlib
import logging
from collections.abc import Iterable
from contextlib import suppress

from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.storage.blob.aio import BlobServiceClient

from functions_emulator.blobs.page import ListedBlob
from functions_emulator.durable.completions import Completions
from functions_emulator.durable.engine import Engine
from functions_emulator.durable.instances import Status
from functions_emulator.storage.account import HOST_CONTAINER

_QUIET_SECONDS = 0.25
_MAX_BATCH_SECONDS = 2.0
_RETRY_SECONDS = 1.0
_FULL = "BlockCountExceedsLimit"
_log = logging.getLogger(__name__)


class Receipts:
    """The receipts of one blob trigger, below ``blobreceipts/<host id>/<function id>/``.

    The host writes a receipt when it has queued the blob. The emulator's orchestrations do not survive it, so it
    writes one when every instance that the blob's invocation started or looked at has completed. Receipts are lines
    of append blobs, ``completed-<n>``; releases before wrote a blob each, which is still read.
    """

    def __init__(self, service: BlobServiceClient, host_id: str, function: str, engine: Engine) -> None:
        self._container = service.get_container_client(HOST_CONTAINER)
        self._prefix = f"blobreceipts/{host_id}/Host.Functions.{function}/"
        self._completed = Completions(engine, (Status.COMPLETED,))
        self._file = 1
        self._taken: set[str] = set()
        self._due: asyncio.Queue[str | None] = asyncio.Queue()

    async def load(self) -> int:
        """Read which blob states have been processed; returns how many."""
        try:
            await self._container.create_container()
        except ResourceExistsError:
            async for name in self._container.list_blob_names(name_starts_with=self._prefix):
                key = name.removeprefix(self._prefix)
                _, is_file, number = key.partition("completed-")
                self._taken.update(await self._lines(name) if is_file else [key])
                self._file = max(self._file, int(number or 1))
        return len(self._taken)

    def take(self, blob: ListedBlob) -> str | None:
        """The key of a blob state that nobody has taken yet; from now on it is taken."""
        key = _key(blob)
        if key in self._taken:
            return None
        self._taken.add(key)
        return key

    def give_back(self, key: str) -> None:
        """Let the blob state be taken again, from the next listing."""
        self._taken.discard(key)

    def finish(self, key: str, instance_ids: set[str]) -> None:
        """Write the receipt as soon as all these instances have completed; one that does not exist does not count."""
        self._completed.when_all(instance_ids, lambda: self._due.put_nowait(key))

    async def write(self) -> None:
        """Write receipts until ``close``, many with one request; storage may be unavailable for a while."""
        is_open = True
        while is_open:
            keys = await self._batch()
            is_open = None not in keys
            due = [key for key in keys if key is not None]
            if due and not await self._append(due) and is_open:
                for key in due:
                    self._due.put_nowait(key)
                await asyncio.sleep(_RETRY_SECONDS)

    def close(self) -> None:
        """Let ``write`` end with what is due now; what cannot be written is only delivered once more."""
        self._due.put_nowait(None)

    async def _batch(self) -> list[str | None]:
        """What is due until nothing more comes for a moment, or enough has come."""
        keys = [await self._due.get()]
        with suppress(TimeoutError):
            async with asyncio.timeout(_MAX_BATCH_SECONDS):
                while keys[-1] is not None:
                    keys.append(await asyncio.wait_for(self._due.get(), _QUIET_SECONDS))
        return keys

    async def _lines(self, name: str) -> list[str]:
        download = await self._container.download_blob(name)
        return (await download.readall()).decode("ascii").split()

    async def _append(self, keys: Iterable[str]) -> bool:
        data = "".join(f"{key}\n" for key in keys).encode("ascii")
        try:
            await self._append_block(data)
        except Exception as error:  # noqa: BLE001  # the SDK raises any type for a malformed response
            _log.debug("receipts not written: %s", type(error).__name__)
            return False
        return True

    async def _append_block(self, data: bytes) -> None:
        while True:
            blob = self._container.get_blob_client(f"{self._prefix}completed-{self._file:06}")
            try:
                await blob.append_block(data)
            except ResourceNotFoundError:
                await blob.create_append_blob()
            except HttpResponseError as error:
                if _code(error) != _FULL:
                    raise
                self._file += 1
            else:
                return


def _code(error: HttpResponseError) -> str:
    # The Storage SDK adds the service's code to the exception, as an enumeration or as text.
    code = getattr(error, "error_code", None)
    return str(getattr(code, "value", code))


def _key(blob: ListedBlob) -> str:
    # A digest: a blob's own name can be as long as a receipt's name may be.
    return hashlib.sha256(f"{blob.etag}\n{blob.container}/{blob.name}".encode(errors="surrogatepass")).hexdigest()
