"""The one way to fill in a packaged template."""

from __future__ import annotations

import functools
import json
import math
import re
import shlex
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import jinja2
import yaml

from wizard.generate.images import images

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./@+-]*(?::[A-Za-z0-9_./@+-]+)*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def scalar(value: str) -> str:
    """Return `value` as a YAML scalar on one line that every YAML reader takes for exactly this text.

    Left plain only where YAML 1.1, YAML 1.2 and Ruby's Psych agree that it is a string.
    """
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return yaml.safe_dump(value, default_style='"', allow_unicode=True, width=math.inf).rstrip("\n")


def literal(value: str) -> str:
    """Return a scalar for a place where GitLab expands variables: each `$` is doubled and so stays a dollar sign."""
    return scalar(value.replace("$", "$$"))


def render(path: str, **context: Any) -> str:
    """Fill in the template at `path` below `assets/templates`; a name that is missing is an error."""
    return _environment().get_template(path).render(**context)


def exists(path: str) -> bool:
    """Whether there is a template at `path`."""
    return files("assets").joinpath("templates", *path.split("/")).is_file()


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_load),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701  # no HTML: values pass through the filters below
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "scalar": scalar,
        "literal": literal,
        "json": _json,
        "sh": shlex.quote,
        "block": _block,
        "numbered": _numbered,
    }
    environment.globals |= {
        "image": _image,
        "job": images().jobs.__getitem__,
        "package": images().packages.__getitem__,
    }
    return environment


def _load(path: str) -> str | None:
    return files("assets").joinpath("templates", *path.split("/")).read_text(encoding="utf-8") if exists(path) else None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _block(text: str) -> str:
    """Return a macro's lines without the line ends around them."""
    return text.strip("\n")


def _numbered(items: Sequence[Any], prefix: str) -> list[str]:
    """Return a name for each item: the prefix and its number, from 1."""
    return [f"{prefix}{number}" for number in range(1, len(items) + 1)]


def _image(name: str, version: str = "") -> str:
    return images().bases[name].reference(version)
