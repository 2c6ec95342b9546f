"""Container registries on loopback: Debian's docker-registry, behind GitLab's tokens or a list of passwords."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.real.run.daemons import HOST, answers_http, daemon

PASSWORDS: Mapping[str, tuple[str, str]] = {
    "AWS": ("123456789012-auth-token", "$2b$04$dYKoZ9Mzg3KT8bicBJT8gOD7Wwz.n35MOu5tEXbWZ7xH/ymOxOL12"),
    "robot$ci": ("mirror-pa$$\"w'ord-7f3", "$2b$04$kC.N5GrHY.dMDnluEzqgX./WXKr2HPSQVK/Tvp2QKdeff3n1gb/Qi"),
    "oauth2accesstoken": ("ya29.impersonated-access", "$2b$04$DpJ5B.z05R5d23GnqNFuTel9WWjrKp/kTr/X4c4wjiBYdeTliIUvK"),
    "00000000-0000-0000-0000-000000000000": (
        "acr-refresh-token",
        "$2b$04$Vdvuk8ndJ4LZsXbwG.0nJeqYUUw6RCJ3/ig5HFTNrftQdHIlv6uBO",
    ),
}
"""Users of a registry of somebody else: password and its bcrypt hash."""


@dataclass(frozen=True, slots=True)
class Registry:
    """A running registry."""

    address: str
    """HOST:PORT."""

    def digest(self, image: str, credentials: str) -> str | None:
        """Return the digest of an image (`repository:tag`), None where it is not or may not be seen."""
        raw = self._raw(image, credentials)
        return None if raw is None else f"sha256:{hashlib.sha256(raw).hexdigest()}"

    def manifest(self, image: str, credentials: str) -> Any:
        """Return the manifest or index of an image."""
        raw = self._raw(image, credentials)
        assert raw is not None, image
        return json.loads(raw)

    def _raw(self, image: str, credentials: str) -> bytes | None:
        command = ["skopeo", "inspect", "--raw", "--tls-verify=false", "--creds", credentials]
        found = subprocess.run([*command, f"docker://{self.address}/{image}"], capture_output=True, check=False)
        return found.stdout if found.returncode == 0 else None

    def push(self, layout: Path, image: str, credentials: str) -> None:
        """Push an OCI layout with every platform in it."""
        command = ["skopeo", "copy", "--quiet", "--all", "--preserve-digests", "--dest-tls-verify=false"]
        target = f"docker://{self.address}/{image}"
        done = subprocess.run(
            [*command, "--dest-creds", credentials, f"oci:{layout}", target], capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()


@contextmanager
def registry(folder: Path, port: int, auth: Mapping[str, Any]) -> Iterator[Registry]:
    """Run a registry with its data in `folder`; `auth` as in its configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    address = f"{HOST}:{port}"
    configuration = {
        "version": 0.1,
        "log": {"level": "warn"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "data")}, "delete": {"enabled": True}},
        "http": {"addr": address, "secret": "loopback"},
        "auth": auth,
    }
    file = folder / "config.json"
    file.write_text(json.dumps(configuration), encoding="utf-8")
    with daemon(
        ["docker-registry", "serve", str(file)], folder / "docker-registry.log", answers_http(f"http://{address}/v2/")
    ):
        yield Registry(address)


def behind_gitlab(url: str, certificate: Path) -> dict[str, Any]:
    """Return how a registry trusts the tokens of a GitLab."""
    return {
        "token": {
            "realm": f"{url}/jwt/auth",
            "service": "container_registry",
            "issuer": "gitlab-issuer",
            "rootcertbundle": str(certificate),
        }
    }


def behind_passwords(folder: Path) -> dict[str, Any]:
    """Return how a registry knows the users of PASSWORDS."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "htpasswd"
    file.write_text("".join(f"{user}:{hashed}\n" for user, (_, hashed) in PASSWORDS.items()), encoding="utf-8")
    return {"htpasswd": {"realm": "mirror", "path": str(file)}}
