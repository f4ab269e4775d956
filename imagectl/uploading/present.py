"""What is in the container already."""

from collections.abc import Collection
from dataclasses import dataclass

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.storage.blob import BlobProperties, ContainerClient

from imagectl.pipeline.inventory import STORAGE, transient_storage_error

_FEW = 64


@dataclass(frozen=True, slots=True)
class Remote:
    """A blob that is there.

    Attributes:
        md5: of its content, as storage keeps it; None for a blob that was uploaded without.
    """

    etag: str
    size: int
    md5: bytes | None


class Present:
    """Looks blobs up: a few one by one, many by listing their common prefix once."""

    def __init__(self, container: ContainerClient, names: Collection[str]) -> None:
        self._container = container
        self._listed = _list(container, names) if len(names) > _FEW else None

    def find(self, name: str) -> Remote | None:
        if self._listed is not None:
            return self._listed.get(name)
        try:
            return _remote(self._container.get_blob_client(name).get_blob_properties())
        except ResourceNotFoundError:
            return None
        except HttpResponseError:
            # Encrypted with a customer-provided key, for instance: it cannot be compared.
            return Remote("", -1, None)


def _list(container: ContainerClient, names: Collection[str]) -> dict[str, Remote]:
    first, last = min(names), max(names)
    length = next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    wanted = frozenset(names)
    with transient_storage_error(STORAGE):
        listing = container.list_blobs(name_starts_with=first[:length] or None, results_per_page=5000)
        return {blob.name: _remote(blob) for blob in listing if blob.name in wanted}


def _remote(blob: BlobProperties) -> Remote:
    md5 = blob.content_settings.content_md5
    return Remote(str(blob.etag).strip('"'), blob.size, bytes(md5) if md5 else None)
