"""Images made of nothing: OCI layouts that a registry takes, each with a digest of its own."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any


def image(folder: Path, text: str) -> str:
    """Write an image whose one file holds `text` as an OCI layout with the tag `latest`; return its digest."""
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def blob(data: bytes, kind: str) -> dict[str, Any]:
        digest = hashlib.sha256(data).hexdigest()
        (blobs / digest).write_bytes(data)
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{digest}", "size": len(data)}

    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        member = tarfile.TarInfo("text")
        member.size = len(text.encode())
        tar.addfile(member, io.BytesIO(text.encode()))
    content = layer.getvalue()
    rootfs = {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(content).hexdigest()}"]}
    configuration = {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": rootfs}
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": blob(json.dumps(configuration).encode(), "config.v1+json"),
        # Compressed: what is not, a client compresses when it pushes, and the digest is another one then.
        "layers": [blob(gzip.compress(content, mtime=0), "layer.v1.tar+gzip")],
    }
    top = blob(json.dumps(manifest).encode(), "manifest.v1+json")
    tagged = {**top, "annotations": {"org.opencontainers.image.ref.name": "latest"}}
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [tagged]}), encoding="utf-8")
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}', encoding="utf-8")
    return str(top["digest"])
