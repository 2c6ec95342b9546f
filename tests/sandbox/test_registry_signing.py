"""How the tokens of the registry are signed, and with which key."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.sandbox.conftest import Client
from tests.sandbox.log_ins import claims
from wizard.errors import UsageError
from wizard.sandbox.registry.signing import Signer, fingerprint
from wizard.sandbox.server import Sandbox


def signed_parts(token: str) -> tuple[Any, bytes, bytes]:
    signed, _, signature = token.rpartition(".")
    header = json.loads(base64.urlsafe_b64decode(signed.split(".")[0] + "=="))
    return header, signed.encode(), base64.urlsafe_b64decode(signature + "==")


def test_a_kept_key_signs_what_its_certificate_verifies(tmp_path: Path) -> None:
    with Sandbox(
        {"version": 1, "users": [{"username": "a", "tokens": [{"value": "glpat-a"}]}]}, signing_key=tmp_path
    ) as box:
        client = Client(box.url, base="")
        basic = {"Authorization": "Basic " + base64.b64encode(b"a:glpat-a").decode()}
        token = client.send("GET", "/jwt/auth?service=container_registry", headers=basic).json["token"]
        client.close()
    certificate = x509.load_pem_x509_certificate((tmp_path / "registry.crt").read_bytes())
    public = certificate.public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    header, signed, signature = signed_parts(token)
    public.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    assert (header["alg"], header["typ"]) == ("RS256", "JWT")
    assert header["kid"] == fingerprint(public)
    assert base64.b64decode(header["x5c"][0]) == certificate.public_bytes(serialization.Encoding.DER)
    assert (tmp_path / "registry.key").stat().st_mode & 0o777 == 0o600
    written = (tmp_path / "registry.crt").read_bytes()
    again = Signer(tmp_path)
    assert (tmp_path / "registry.crt").read_bytes() == written
    assert again.read(token) == claims(token)
    assert Signer().read(token) is None


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "....", "ü.ü.ü"])
def test_what_is_no_token_is_not_read(text: str, tmp_path: Path) -> None:
    assert SIGNER.read(text) is None


SIGNER = Signer()


def test_a_fingerprint_has_twelve_groups_of_four() -> None:
    header, _, _ = signed_parts(SIGNER.sign({}))
    groups = header["kid"].split(":")
    assert len(groups) == 12
    assert {len(group) for group in groups} == {4}


def test_a_key_folder_that_cannot_be_used_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot hold the signing key"):
        Signer(tmp_path / "file")
    (tmp_path / "registry.key").write_text("nonsense")
    with pytest.raises(UsageError, match="it holds no RSA key"):
        Signer(tmp_path)
