"""Send many files at once; one that fails does not stop the others."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Queue
from threading import Event, Lock

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError, ServiceRequestError
from azure.storage.blob import ContainerClient

from image_metadata.storage.errors import error_code
from imagectl.pipeline.storage_client import REQUESTS
from imagectl.uploading.present import Present, Remote
from imagectl.uploading.signatures import HEAD, is_image
from imagectl.uploading.slices import FileChangedError
from imagectl.uploading.sources import Source
from imagectl.uploading.transfer import Sender, Sent, md5_of

UPLOADED, SKIPPED, FAILED, NOT_AN_IMAGE, NOT_SENT = "uploaded", "skipped", "failed", "not an image", "not sent"

_BLOCKS_AT_ONCE = 8
_REFUSED = frozenset((401, 403))


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one file.

    Attributes:
        kind: one of the constants above.
        etag: of the blob; empty unless it is there.
        reason: of a failure.
    """

    source: Source
    kind: str
    etag: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Run:
    """How files are sent.

    Attributes:
        overwrite: send also what is there with the same content.
        all_files: send files of folders whatever their content.
        dry_run: send nothing.
    """

    container: ContainerClient
    overwrite: bool = False
    all_files: bool = False
    dry_run: bool = False

    def results(self, files: Sequence[Source], sent: Sent) -> Iterator[Result]:
        """Send the files; yields the result of each, in the order in which that is known.

        When storage does not answer any more, or refuses the sign-in, the rest is not tried.
        """
        present = Present(self.container, [] if self.overwrite else [file.name for file in files])
        queue: Queue[Result | BaseException] = Queue(maxsize=4 * REQUESTS)
        remaining, lock, stopped = iter(files), Lock(), Event()

        def next_file() -> Source | None:
            with lock:
                return next(remaining, None)

        with _pools() as (workers, blocks):
            sender = Sender(blocks, sent)

            def work() -> None:
                try:
                    while (source := next_file()) is not None:
                        result = Result(source, NOT_SENT) if stopped.is_set() else self._try(source, present, sender)
                        if result.kind == NOT_SENT:
                            stopped.set()
                        queue.put(result)
                except BaseException as error:  # noqa: BLE001  # raised where the results are taken
                    queue.put(error)

            for _ in range(min(REQUESTS, len(files))):
                workers.submit(work)
            for _ in files:
                result = queue.get()
                if isinstance(result, BaseException):
                    raise result
                yield result

    def _try(self, source: Source, present: Present, sender: Sender) -> Result:
        try:
            return self._send(source, present, sender)
        except (ServiceRequestError, ClientAuthenticationError):
            return Result(source, NOT_SENT, reason="storage does not answer, or refuses the sign-in")
        except HttpResponseError as error:
            kind = NOT_SENT if error.status_code in _REFUSED else FAILED
            return Result(source, kind, reason=f"storage answers HTTP status {error.status_code} {error_code(error)}")
        except AzureError:
            return Result(source, FAILED, reason="the connection to storage broke; try again")
        except FileChangedError:
            return Result(source, FAILED, reason="it was changed while it was sent; upload it again")
        except OSError as error:
            reason = f"cannot be read: {error.strerror or type(error).__name__}; change its permissions"
            return Result(source, FAILED, reason=reason)

    def _send(self, source: Source, present: Present, sender: Sender) -> Result:
        if not (source.is_named or self.all_files or is_image(_head(source), source.name)):
            sender.sent(source.size)
            return Result(source, NOT_AN_IMAGE)
        remote = None if self.overwrite else present.find(source.name)
        if remote and _is_same(source, remote):
            sender.sent(source.size)
            return Result(source, SKIPPED, remote.etag)
        if self.dry_run:
            return Result(source, UPLOADED)
        blob = self.container.get_blob_client(source.name)
        return Result(source, UPLOADED, sender.send(blob, source.path))


def _head(source: Source) -> bytes:
    with source.path.open("rb") as file:
        return file.read(HEAD)


def _is_same(source: Source, remote: Remote) -> bool:
    return remote.size == source.size and remote.md5 == md5_of(source.path)


@contextmanager
def _pools() -> Iterator[tuple[ThreadPoolExecutor, ThreadPoolExecutor]]:
    """For files and for blocks. A file waits for its blocks, so that they need threads of their own."""
    workers, blocks = ThreadPoolExecutor(REQUESTS), ThreadPoolExecutor(_BLOCKS_AT_ONCE)
    try:
        yield workers, blocks
    except BaseException:
        # Not waited for: a request may hang for as long as its time limit.
        for pool in (workers, blocks):
            pool.shutdown(wait=False, cancel_futures=True)
        raise
    workers.shutdown()
    blocks.shutdown()
