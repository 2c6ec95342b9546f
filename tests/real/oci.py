"""Images made of nothing: OCI layouts that a registry takes, each with a digest of its own."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_OCI = "application/vnd.oci.image"
_LATEST = {"annotations": {"org.opencontainers.image.ref.name": "latest"}}


def image(folder: Path, text: str) -> str:
    """Write an image whose one file holds `text` as an OCI layout with the tag `latest`; return its digest."""
    layout = _Layout(folder)
    return layout.tagged(layout.image("amd64", {"text": text.encode()}) | _LATEST)


def index(folder: Path, files: Mapping[str, bytes] | None = None) -> str:
    """Write an index with an image of each of two platforms, as buildx does; return the index's digest.

    Each image holds a file named after its platform, and `files`.
    """
    layout = _Layout(folder)
    images = [
        {**layout.image(name, {name: b"", **(files or {})}), "platform": {"architecture": name, "os": "linux"}}
        for name in ("amd64", "arm64")
    ]
    return layout.tagged(layout.json({"schemaVersion": 2, "manifests": images}, "index"))


class _Layout:
    """A folder of blobs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._blobs = folder / "blobs" / "sha256"
        self._blobs.mkdir(parents=True)

    def blob(self, data: bytes, media: str) -> dict[str, Any]:
        """Add a blob; return how others refer to it."""
        digest = hashlib.sha256(data).hexdigest()
        (self._blobs / digest).write_bytes(data)
        return {"mediaType": f"{_OCI}.{media}", "digest": f"sha256:{digest}", "size": len(data)}

    def json(self, content: Mapping[str, Any], kind: str) -> dict[str, Any]:
        """Add a document that names its own kind."""
        media = f"{kind}.v1+json"
        # Indented as nobody else would: a client that writes it anew changes the digest, and is found out.
        return self.blob(json.dumps({**content, "mediaType": f"{_OCI}.{media}"}, indent=3).encode(), media)

    def image(self, architecture: str, files: Mapping[str, bytes]) -> dict[str, Any]:
        """Add an image of one layer."""
        layer = io.BytesIO()
        with tarfile.open(fileobj=layer, mode="w") as tar:
            for name, content in files.items():
                member = tarfile.TarInfo(name)
                member.size, member.mode = len(content), 0o755
                tar.addfile(member, io.BytesIO(content))
        data = layer.getvalue()
        configuration = {
            "architecture": architecture,
            "os": "linux",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(data).hexdigest()}"]},
            # One entry a layer: buildah takes no image whose history tells of fewer.
            "history": [{"created_by": "tests"}],
        }
        manifest = {
            "schemaVersion": 2,
            "config": self.blob(json.dumps(configuration).encode(), "config.v1+json"),
            # Compressed: what is not, a client compresses when it pushes, and the digest is another one then.
            "layers": [self.blob(gzip.compress(data, mtime=0), "layer.v1.tar+gzip")],
        }
        return self.json(manifest, "manifest")

    def tagged(self, top: Mapping[str, Any]) -> str:
        """Make a blob the layout's own; return its digest."""
        file = self._folder / "index.json"
        file.write_text(json.dumps({"schemaVersion": 2, "manifests": [top]}), encoding="utf-8")
        (self._folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}', encoding="utf-8")
        return str(top["digest"])
