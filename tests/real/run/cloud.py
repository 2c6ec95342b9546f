"""The token endpoints of Google and Azure, as their documentation tells of them, on loopback with TLS.

Google: "Obtain short-lived tokens for Workload Identity Federation" (sts.googleapis.com/v1/token, then
iamcredentials.googleapis.com …:generateAccessToken). Azure: "OAuth 2.0 client credentials flow: third case,
access token request with a federated credential" (login.microsoftonline.com/TENANT/oauth2/v2.0/token) and Azure
Container Registry's "AAD-OAuth" (REGISTRY/oauth2/exchange). Each answers only what is asked exactly so.
"""

from __future__ import annotations

import datetime
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.real.run.daemons import HOST

ID_TOKEN = "marker-id-token"
GOOGLE_POOL = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/gitlab/providers/gitlab"
GOOGLE_ACCOUNT = "pusher@project.iam.gserviceaccount.com"
AZURE_CLIENT, AZURE_TENANT = "11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000"
FEDERATED, AZURE_ACCESS = "marker-federated", "marker-azure-access"
GOOGLE_ACCESS, AZURE_REFRESH = "ya29.impersonated-access", "acr-refresh-token"
"""What a registry takes as the password in the end: see `registries.PASSWORDS`."""
_GOOGLE_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_NAMES = ("sts.googleapis.com", "iamcredentials.googleapis.com", "login.microsoftonline.com")


@contextmanager
def cloud(folder: Path, acr: str) -> Iterator[str]:
    """Serve until the context ends; yields what a `.curlrc` needs so that curl finds these servers.

    `acr` is the HOST:PORT of the registry whose /oauth2/exchange is served here.
    """
    certificate = _certificate(folder)
    server = ThreadingHTTPServer((HOST, 0), _handler(acr))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    here = f"{HOST}:{server.server_port}"
    hosts = [*(f"{name}:443" for name in _NAMES), acr]
    try:
        yield f'cacert = "{certificate}"\n' + "".join(f'connect-to = "{host}:{here}"\n' for host in hosts)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def answer(acr: str, host: str, path: str, authorization: str, sent: Mapping[str, Any]) -> Mapping[str, str] | None:
    """Return the answer of one of the endpoints; None: it refuses."""
    account = f"/v1/projects/-/serviceAccounts/{GOOGLE_ACCOUNT}:generateAccessToken"
    token_type = "urn:ietf:params:oauth:token-type"
    asked: dict[tuple[str, str, str], tuple[Mapping[str, Any], Mapping[str, str]]] = {
        ("sts.googleapis.com", "/v1/token", ""): (
            {
                "audience": GOOGLE_POOL,
                "grantType": "urn:ietf:params:oauth:grant-type:token-exchange",
                "requestedTokenType": f"{token_type}:access_token",
                "scope": _GOOGLE_SCOPE,
                "subjectTokenType": f"{token_type}:jwt",
                "subjectToken": ID_TOKEN,
            },
            {"access_token": FEDERATED, "token_type": "Bearer"},
        ),
        ("iamcredentials.googleapis.com", account, f"Bearer {FEDERATED}"): (
            {"scope": [_GOOGLE_SCOPE]},
            {"accessToken": GOOGLE_ACCESS, "expireTime": "2030-01-01T00:00:00Z"},
        ),
        ("login.microsoftonline.com", f"/{AZURE_TENANT}/oauth2/v2.0/token", ""): (
            {
                "grant_type": "client_credentials",
                "client_id": AZURE_CLIENT,
                "scope": "https://management.azure.com/.default",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": ID_TOKEN,
            },
            {"access_token": AZURE_ACCESS, "token_type": "Bearer"},
        ),
        (acr, "/oauth2/exchange", ""): (
            {"grant_type": "access_token", "service": acr, "tenant": AZURE_TENANT, "access_token": AZURE_ACCESS},
            {"refresh_token": AZURE_REFRESH},
        ),
    }
    wanted, given = asked.get((host, path, authorization), ({}, None))
    return given if sent == wanted else None


def _handler(acr: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            is_json = self.headers["Content-Type"] == "application/json"
            sent = json.loads(body) if is_json else dict(parse_qsl(body))
            given = answer(acr, self.headers["Host"], self.path, self.headers.get("Authorization", ""), sent)
            self.send_response(200 if given else 400)
            self.end_headers()
            self.wfile.write(json.dumps(given or {"error": "invalid_grant"}).encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the library
            """Say nothing on stderr."""

    return Handler


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tests")])
    now = datetime.datetime.now(datetime.UTC)
    names = [*(x509.DNSName(host) for host in _NAMES), x509.IPAddress(ipaddress.ip_address(HOST))]
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - datetime.timedelta(days=1))
    builder = builder.not_valid_after(now + datetime.timedelta(days=1))
    made = builder.add_extension(x509.SubjectAlternativeName(names), critical=False).sign(key, hashes.SHA256())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + made.public_bytes(serialization.Encoding.PEM)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cloud.pem").write_bytes(pem)
    return folder / "cloud.pem"
