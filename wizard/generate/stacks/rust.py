"""Rust with Cargo."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from wizard.generate.tree import Tree, string, table, version


@dataclass(frozen=True, slots=True, kw_only=True)
class Rust:
    """A Cargo.toml in the root."""

    name: ClassVar[str] = "rust"
    version: str = ""
    binary: str = "app"
    lock: bool = True
    guesses: tuple[str, ...] = ()

    @property
    def user(self) -> int:
        """`nonroot` of the distroless images."""
        return 65532

    @property
    def read_only(self) -> bool:
        """Nothing but the binary is in the image."""
        return True


def detect_rust(tree: Tree) -> Rust | None:
    """Read Cargo.toml and the toolchain file."""
    if not tree.has("Cargo.toml"):
        return None
    manifest = tree.toml("Cargo.toml")
    channel = string(table(tree.toml("rust-toolchain.toml"), "toolchain"), "channel") or tree.word("rust-toolchain")
    binary, guesses = _binary(tree, manifest)
    return Rust(version=version(channel), binary=binary, lock=tree.has("Cargo.lock"), guesses=guesses)


def _binary(tree: Tree, manifest: dict[str, object]) -> tuple[str, tuple[str, ...]]:
    stated = manifest.get("bin")
    binaries = [string(item, "name") for item in stated if isinstance(item, dict)] if isinstance(stated, list) else []
    binaries = [name for name in binaries if re.fullmatch(r"[\w-]+", name)]
    package, default = (
        name if re.fullmatch(r"[\w-]+", name) else ""
        for name in (string(table(manifest, "package"), key) for key in ("name", "default-run"))
    )
    if default:
        return default, ()
    if len(binaries) == 1:
        return binaries[0], ()
    if binaries:
        chosen = package if package in binaries else binaries[0]
        return chosen, (f"Of several binaries the image holds {chosen}.",)
    if package:
        return package, ()
    members = [path.split("/")[-3] for path in tree.matching(r"(?:[\w.-]+/){1,2}src/main\.rs")]
    chosen = members[0] if members else "app"
    return chosen, (f"The workspace root has no package: the image holds {chosen}.",)
