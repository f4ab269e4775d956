"""A blob service that answers what Azurite does not."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LISTING = (
    b'<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="images"><Blobs>'
    b"<Blob><Name>a.png</Name><Properties><Etag>0x2</Etag><BlobType>BlockBlob</BlobType></Properties></Blob>"
    b"<Blob><Name>a.png.old</Name><Properties><Etag>0x1</Etag><BlobType>BlockBlob</BlobType></Properties></Blob>"
    b"</Blobs><NextMarker /></EnumerationResults>"
)


@contextmanager
def answering(status: int, headers: dict[str, str], *contents: bytes, listing: bytes | None = LISTING) -> Iterator[str]:
    """A blob service that answers with this, each content once, and a request for a listing with ``listing``.

    Without a listing that request is answered as the others. Yields the connection string.
    """
    remaining = list(contents)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = listing if "comp=list" in self.path else None
            listed = body is not None
            body = body if body is not None else remaining.pop(0) if remaining else b""
            self.send_response_only(200 if listed else status)
            for name, value in ({"Content-Type": "application/xml"} if listed else headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else body)

        do_HEAD = do_GET  # noqa: N815  # the name that http.server calls

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"AccountName=pictures;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:{server.server_port}/pictures"
        server.shutdown()
