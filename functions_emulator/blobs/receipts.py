"""Which blobs are done with: a receipt per blob state, kept in storage, so that a restart does not read them again."""

import asyncio
import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from azure.core.exceptions import ResourceExistsError
from azure.storage.blob import BlobProperties
from azure.storage.blob.aio import BlobServiceClient

from functions_emulator.durable.instances import Instance, Status

_CONTAINER = "azure-webjobs-hosts"
_RETRY_SECONDS = 1.0
_log = logging.getLogger(__name__)


@dataclass
class _Unfinished:
    key: str
    waits_for: set[str] = field(default_factory=set)


class Receipts:
    """The receipts of one blob trigger, below ``blobreceipts/<host id>/<function id>/``.

    The host writes a receipt when it has queued the blob. The emulator's orchestrations do not survive it, so it
    writes one when every instance that the blob's invocation started or looked at has completed.
    """

    def __init__(self, service: BlobServiceClient, host_id: str, function: str) -> None:
        self._container = service.get_container_client(_CONTAINER)
        self._prefix = f"blobreceipts/{host_id}/Host.Functions.{function}/"
        self._taken: set[str] = set()
        self._unfinished: dict[str, list[_Unfinished]] = {}
        self._unwritten: asyncio.Queue[str | None] = asyncio.Queue()

    async def load(self) -> int:
        """Read which blob states are done with, in one listing; returns how many."""
        try:
            await self._container.create_container()
        except ResourceExistsError:
            async for name in self._container.list_blob_names(name_starts_with=self._prefix):
                self._taken.add(name.removeprefix(self._prefix))
        return len(self._taken)

    def take(self, blob: BlobProperties) -> str | None:
        """The key of a blob state that nobody has taken yet; from now on it is taken."""
        key = _key(blob)
        if key in self._taken:
            return None
        self._taken.add(key)
        return key

    def give_back(self, key: str) -> None:
        """Let the blob state be taken again, from the next listing."""
        self._taken.discard(key)

    def finish(self, key: str, instance_ids: set[str], find: Callable[[str], Instance | None]) -> None:
        """Write the receipt as soon as all these instances have completed; one that does not exist does not count."""
        instances = filter(None, map(find, instance_ids))
        unfinished = _Unfinished(key, {found.id for found in instances if found.status is not Status.COMPLETED})
        for instance_id in unfinished.waits_for:
            self._unfinished.setdefault(instance_id, []).append(unfinished)
        if not unfinished.waits_for:
            self._unwritten.put_nowait(key)

    def ended(self, instance: Instance) -> None:
        """Note the end of an instance. One that failed may be started again, and complete then."""
        if instance.status is not Status.COMPLETED:
            return
        for unfinished in self._unfinished.pop(instance.id, []):
            unfinished.waits_for.discard(instance.id)
            if not unfinished.waits_for:
                self._unwritten.put_nowait(unfinished.key)

    async def write(self) -> None:
        """Write receipts until ``close``; storage may be away for a while."""
        while (key := await self._unwritten.get()) is not None:
            if not await self._written(key):
                self._unwritten.put_nowait(key)
                await asyncio.sleep(_RETRY_SECONDS)

    def close(self) -> None:
        """Let ``write`` end once what is due is written; what cannot be written now only costs a second reading."""
        self._unwritten.put_nowait(None)

    async def _written(self, key: str) -> bool:
        try:
            await self._container.upload_blob(f"{self._prefix}{key}", b"", overwrite=True)
        except Exception as error:  # noqa: BLE001  # whatever the SDK makes of a garbled answer
            _log.debug("receipt not written: %s", type(error).__name__)
            return False
        return True


def _key(blob: BlobProperties) -> str:
    # A digest: a blob's own name can be as long as a receipt's name may be.
    return hashlib.sha256(f"{blob.etag}\n{blob.container}/{blob.name}".encode(errors="surrogatepass")).hexdigest()
