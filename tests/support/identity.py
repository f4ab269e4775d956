"""A sign-in as in Azure: Azurite over HTTPS that accepts tokens only, and the identity endpoint of App Service.

Azurite's `--oauth basic` checks issuer, audience and life time of a token, and not its signature.
"""

import base64
import ipaddress
import json
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from imagectl.local.azurite import ACCOUNT, PROGRAM, START_SECONDS

SECRET = "identity-header-of-the-test"  # noqa: S105  # of a fake endpoint that lives for one test
_TENANT = "11111111-2222-3333-4444-555555555555"


@dataclass
class Identity:
    """The endpoint's address, and the resource and client id of each token that it gave."""

    url: str
    given: list[tuple[str, str | None]] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        return {"IDENTITY_ENDPOINT": f"{self.url}/msi/token", "IDENTITY_HEADER": SECRET}


@contextmanager
def running_identity() -> Iterator[Identity]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        identity = Identity(f"http://127.0.0.1:{server.server_port}")
        server.identity = identity  # type: ignore[attr-defined]  # the handler reads it
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield identity
        finally:
            server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        if self.headers["X-IDENTITY-HEADER"] != SECRET:
            self._answer(401, {"statusCode": 401, "message": "unauthorized"})
            return
        resource = query["resource"][0]
        self.server.identity.given.append((resource, query.get("client_id", [None])[0]))  # type: ignore[attr-defined]  # see above
        expires = int(time.time()) + 3600
        token = {"access_token": _token(resource, expires), "expires_on": str(expires), "token_type": "Bearer"}
        self._answer(200, token | {"resource": resource})

    def _answer(self, status: int, answer: Mapping[str, object]) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """The output of a test is what the test says."""


def _token(resource: str, expires: int) -> str:
    now = int(time.time()) - 60
    issuer = f"https://sts.windows.net/{_TENANT}/"
    claims = {"aud": resource, "iss": issuer, "iat": now, "nbf": now, "exp": expires, "tid": _TENANT}
    parts = ({"alg": "RS256", "typ": "JWT"}, claims, {"not": "signed"})
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key, as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, private = folder / "certificate.pem", folder / "key.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    encryption = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, encryption))
    return pem, private


@dataclass(frozen=True)
class SecureAzurite:
    """Addresses of the services, and the certificate that a client has to trust."""

    blob_url: str
    queue_url: str
    certificate: Path

    def settings(self, connection: str) -> dict[str, str]:
        """The identity-based settings of a connection."""
        return {f"{connection}__blobServiceUri": self.blob_url, f"{connection}__queueServiceUri": self.queue_url}


@contextmanager
def running_secure_azurite(folder: Path) -> Iterator[SecureAzurite]:
    certificate, key = make_certificate(folder)
    options = ("--oauth", "basic", "--cert", str(certificate), "--key", str(key), "--inMemoryPersistence")
    ports = ("--blobPort", "0", "--queuePort", "0", "--tablePort", "0", "--disableTelemetry", "--skipApiVersionCheck")
    log = folder / "azurite.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(shutil.which("node")), str(PROGRAM), *ports, *options], stdout=output, stderr=output, cwd=folder
        )
    try:
        urls = _urls(log, process)
        yield SecureAzurite(urls["Blob"], urls["Queue"], certificate)
    finally:
        process.terminate()
        process.wait()


def _urls(log: Path, process: subprocess.Popen[bytes]) -> dict[str, str]:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        found = dict(re.findall(r"Azurite (\w+) service is successfully listening at (https://\S+)", log.read_text()))
        if len(found) == 3:
            return {kind: f"{url}/{ACCOUNT}" for kind, url in found.items()}
        time.sleep(0.05)
    raise AssertionError(f"Azurite does not listen: {log.read_text('utf-8')}")
