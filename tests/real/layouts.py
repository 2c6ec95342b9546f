"""Images from nothing, in the layout of the Open Container Initiative."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_OCI = "application/vnd.oci.image"


def write_layout(folder: Path, files: Mapping[str, bytes] | None = None) -> str:
    """Write an index with an image of each of two platforms, as buildx does; returns the index's digest.

    Each image holds a file named after its platform, and `files`.
    """
    (folder / "blobs" / "sha256").mkdir(parents=True)
    index = {
        "schemaVersion": 2,
        "mediaType": f"{_OCI}.index.v1+json",
        "manifests": [_image(folder, name, {name: b"", **(files or {})}) for name in ("amd64", "arm64")],
    }
    top = _blob(folder, json.dumps(index, indent=2).encode(), "index.v1+json")
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [top]}), encoding="utf-8")
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}', encoding="utf-8")
    digest = top["digest"]
    assert isinstance(digest, str)
    return digest


def _blob(folder: Path, data: bytes, media: str) -> dict[str, Any]:
    digest = hashlib.sha256(data).hexdigest()
    (folder / "blobs" / "sha256" / digest).write_bytes(data)
    return {"mediaType": f"{_OCI}.{media}", "digest": f"sha256:{digest}", "size": len(data)}


def _image(folder: Path, architecture: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            tar.addfile(member, io.BytesIO(content))
    data = layer.getvalue()
    rootfs = {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(data).hexdigest()}"]}
    # One entry a layer: buildah takes no image whose history tells of fewer.
    history = [{"created_by": "tests"}]
    configuration = {"architecture": architecture, "os": "linux", "config": {}, "rootfs": rootfs, "history": history}
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{_OCI}.manifest.v1+json",
        "config": _blob(folder, json.dumps(configuration).encode(), "config.v1+json"),
        "layers": [_blob(folder, data, "layer.v1.tar")],
    }
    described = _blob(folder, json.dumps(manifest, indent=1).encode(), "manifest.v1+json")
    return {**described, "platform": {"architecture": architecture, "os": "linux"}}
