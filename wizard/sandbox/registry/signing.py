"""The key that signs registry tokens, and its certificate, which a registry trusts as its `rootcertbundle`."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from wizard.errors import UsageError

ISSUER = "gitlab-issuer"
KEY_FILE, CERTIFICATE_FILE = "registry.key", "registry.crt"
_VALID = timedelta(days=3650)


class Signer:
    """Signs tokens with RS256. Without a folder the key is made when it is first needed and dies with the server."""

    def __init__(self, folder: Path | None = None) -> None:
        """Load the key of a folder, or make one there; UsageError when the folder cannot be used."""
        self._folder = folder
        if folder is not None:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                (folder / CERTIFICATE_FILE).write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))
            except (OSError, ValueError, TypeError) as error:
                reason = error.strerror if isinstance(error, OSError) else "it holds no RSA key"
                raise UsageError(
                    "signing-key", f"The folder {folder} cannot hold the signing key: {reason}.", "Name another folder."
                ) from error

    def sign(self, claims: Mapping[str, object]) -> str:
        """Return a JSON Web Token with `kid` (for old registries) and `x5c` (for new ones)."""
        signed = f"{_encoded(json.dumps(self._header).encode())}.{_encoded(json.dumps(claims).encode())}"
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_encoded(signature)}"

    def read(self, token: str) -> dict[str, Any] | None:
        """Return the claims of a token that this key signed; None for any other text."""
        try:
            signed, _, signature = token.rpartition(".")
            public = self._key.public_key()
            public.verify(_decoded(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
            claims = json.loads(_decoded(signed.partition(".")[2]))
        except (InvalidSignature, ValueError):
            return None
        return claims if isinstance(claims, dict) else None

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        file = self._folder / KEY_FILE if self._folder else None
        if file is not None and file.exists():
            loaded = serialization.load_pem_private_key(file.read_bytes(), None)
            if not isinstance(loaded, rsa.RSAPrivateKey):
                raise TypeError
            return loaded
        made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        if file is not None:
            file.touch(mode=0o600)
            file.write_bytes(_pem(made))
        return made

    @cached_property
    def _certificate(self) -> x509.Certificate:
        """The certificate of the folder as long as it is of the key: a registry that runs has already read it."""
        file = self._folder / CERTIFICATE_FILE if self._folder else None
        if file is not None and file.exists():
            kept = x509.load_pem_x509_certificate(file.read_bytes())
            if kept.public_key() == self._key.public_key():
                return kept
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, ISSUER)])
        start = datetime.now(UTC) - timedelta(days=1)
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self._key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(start).not_valid_after(start + _VALID)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        return builder.sign(self._key, hashes.SHA256())

    @cached_property
    def _header(self) -> dict[str, object]:
        der = self._certificate.public_bytes(serialization.Encoding.DER)
        return {
            "typ": "JWT",
            "alg": "RS256",
            "kid": fingerprint(self._key.public_key()),
            "x5c": [base64.b64encode(der).decode()],
        }


def fingerprint(key: rsa.RSAPublicKey) -> str:
    """Name a key as libtrust does: SHA-256 of its DER form, 30 bytes of it in base32, in groups of four."""
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    text = base64.b32encode(hashlib.sha256(der).digest()[:30]).decode()
    return ":".join(text[start : start + 4] for start in range(0, len(text), 4))


def _pem(key: rsa.RSAPrivateKey) -> bytes:
    encoding, kind = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, kind, serialization.NoEncryption())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
