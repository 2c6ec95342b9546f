"""What a person prefers: keys by the ids of actions, and a theme, from a file in the platform's config folder."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wizard.errors import UsageError

if TYPE_CHECKING:
    from wizard.documents import Document

# ruff: noqa: PLC0415 - where there is no file, nothing waits for what would read it

_KEYS = ("version", "theme", "keys")


@dataclass(frozen=True, slots=True)
class Preferences:
    """`keys`: the id of an action to its keys, several with commas between them. `theme`: empty for the usual one."""

    keys: Mapping[str, str] = field(default_factory=dict)
    theme: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What a front end knows, to check a file against."""

    actions: Collection[str]
    themes: Collection[str]


def config_file() -> Path:
    """Return where the file is looked for (XDG_CONFIG_HOME on Linux)."""
    import platformdirs  # only the screens need it

    return platformdirs.user_config_path("registry-wizard", appauthor=False) / "config.yml"


def preferences(file: Path, known: Known) -> Preferences:
    """Read the file; none is as good as an empty one. UsageError tells every mistake at once, each with its line."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Preferences()
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or "not text in UTF-8"
        raise UsageError("config-unreadable", f"{file} cannot be read: {said}", _REMEDY) from None
    from wizard.documents import read

    document = read(text)
    data = document.data if document.data is not None else {}
    mistakes = [str(mistake) for mistake in document.mistakes] or list(_mistakes(data, document, known))
    if mistakes:
        told = "\n".join(f"{file}, {mistake}" for mistake in mistakes)
        raise UsageError("config-invalid", told, _REMEDY)
    return Preferences(keys=dict(data.get("keys") or {}), theme=data.get("theme") or "")


_REMEDY = "Mend the file, or move it away: without it the usual keys and theme hold."


def _mistakes(data: Any, document: Document, known: Known) -> list[str]:
    from wizard.documents import nearest

    if not isinstance(data, Mapping):
        return ["line 1: this is no mapping of keys to values"]

    def at(*path: str | int) -> str:
        return f"line {document.line(path) or 1}"

    found = [
        f"{at(name)}: there is no key {name!r}{nearest(str(name), list(_KEYS))}" for name in data if name not in _KEYS
    ]
    if data.get("version") != 1:
        found.append(f"{at('version')}: version must be 1")
    theme, keys = data.get("theme"), data.get("keys")
    if theme is not None and theme not in known.themes:
        found.append(f"{at('theme')}: there is no theme {theme!r}{nearest(str(theme), sorted(known.themes))}")
    if keys is not None and not isinstance(keys, Mapping):
        return [*found, f"{at('keys')}: keys must map actions to keys"]
    for action, key in (keys or {}).items():
        if action not in known.actions:
            found.append(
                f"{at('keys', action)}: there is no action {action!r}{nearest(str(action), sorted(known.actions))}"
            )
        elif not isinstance(key, str) or not key.strip():
            found.append(f"{at('keys', action)}: {action} needs a key, as in ctrl+s or f2")
    return found
