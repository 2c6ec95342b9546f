"""How two documents of answers differ: to be read, and as the `--set` flags that lead from one to the other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wizard.answer_keys import IDENTITY

_PLAIN = re.compile(r"[A-Za-z0-9_./@-][A-Za-z0-9_./@:-]*[A-Za-z0-9_./@-]|[A-Za-z_]")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Difference:
    """One answer that differs, by its dotted key; None: not given."""

    key: str
    before: Any
    after: Any

    def __str__(self) -> str:
        before, after = shown(self.key, self.before), shown(self.key, self.after)
        return f"{self.key}: {before} → {after}" + (" (changed)" if before == after else "")


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return every answer that differs, in the order of `after`; a list counts as one answer."""
    return tuple(_walk("", before, after))


def _walk(prefix: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for name in (*after, *(name for name in before if name not in after)):
        key, old, new = f"{prefix}{name}", before.get(name), after.get(name)
        both = isinstance(old, Mapping) and isinstance(new, Mapping)
        if both and old and new:
            yield from _walk(f"{key}.", old, new)
        elif old != new:
            yield Difference(key, old, new)


def shown(key: str, value: Any) -> str:
    """Return an answer in a few words: of a list what tells its items apart."""
    if value is None:
        return "not given"
    if isinstance(value, list):
        names = [_name(key, item) for item in value]
        return ", ".join(names) if names else "none"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _name(key: str, item: Any) -> str:
    name = item.get(IDENTITY.get(key, "")) if isinstance(item, Mapping) else item
    return str(name) if name is not None else "?"


def flags(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the `KEY=VALUE` of every `--set` that makes `before` say the same as `after`.

    An answer that is taken back needs its whole section written anew, because `--set` takes nothing away.
    """
    found = []
    for name in (*after, *(name for name in before if name not in after)):
        old, new = before.get(name), after.get(name)
        if old == new and (name in before) == (name in after):
            continue
        inner = _inner(name, old, new)
        found += inner if inner is not None else [f"{name}={_value(new)}"]
    return tuple(found)


def _inner(prefix: str, before: Any, after: Any) -> list[str] | None:
    """Return flags for the keys below; None where the value must be replaced as a whole."""
    if not isinstance(before, Mapping) or not isinstance(after, Mapping) or set(before) - set(after):
        return None
    found = []
    for name, new in after.items():
        if name in before and before[name] == new:
            continue
        key = f"{prefix}.{name}"
        inner = _inner(key, before.get(name), new)
        found += inner if inner is not None else [f"{key}={_value(new)}"]
    return found


def _value(value: Any) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and not _ambiguous(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _ambiguous(text: str) -> bool:
    """Whether YAML would read the text as something else: a number, a date, a word for yes or no."""
    return text.casefold() in _WORDS or text[0].isdigit() or text[0] in "-.@"
