"""What a Dockerfile says: where its images come from, which port and user the result has.

Reads the subset of the syntax that decides this (docs.docker.com/reference/dockerfile); RUN bodies are skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_HEREDOC = re.compile(r"<<-?\s*([\"']?)([A-Za-z_][A-Za-z0-9_]*)\1")
_VARIABLE = re.compile(
    r"\\.|\$(?:\{(?P<long>[A-Za-z_]\w*)(?::(?P<operator>[-+])(?P<other>[^{}$]*))?\}|(?P<short>[A-Za-z_]\w*))"
)
_PREDEFINED = {"TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT", "BUILDPLATFORM", "BUILDOS", "BUILDARCH"}
_MOST_LINES = 5_000


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """A Dockerfile of the repository."""

    path: str
    port: int | None = None
    """The first port that the last stage exposes."""
    user: int | None = None
    """The numeric USER of the last stage; None where it is unset or a name."""
    user_name: str | None = None
    """The named USER of the last stage: Kubernetes cannot tell that it is not root."""
    bases: tuple[str, ...] = ()
    """Images that it pulls (FROM and COPY --from), ARG defaults put in; a variable without default stays as written."""
    stages: tuple[str, ...] = ()
    """Names of its stages."""


@dataclass(slots=True)
class _Stage:
    name: str = ""
    port: int | None = None
    user: str | None = None
    variables: dict[str, str] = field(default_factory=dict)


def is_dockerfile(path: str) -> bool:
    """Whether a path names a Dockerfile: `Dockerfile`, `Containerfile`, `Dockerfile.web`, `web.Dockerfile`."""
    name = path.rsplit("/", 1)[-1]
    if name.endswith((".dockerignore", ".j2", ".tmpl", ".md", ".tpl")):
        return False
    return bool(re.fullmatch(r"(?:Dockerfile|Containerfile)(?:[.-][\w.-]+)?|[\w.-]+\.[Dd]ockerfile", name))


def read_dockerfile(path: str, text: str) -> Dockerfile:
    """Return the facts of the Dockerfile `text`; what makes no sense in it is passed over."""
    defaults: dict[str, str] = {}
    stages: list[_Stage] = []
    bases: list[str] = []
    for keyword, rest in _instructions(text):
        if keyword == "FROM":
            stages.append(_from(rest, defaults, stages, bases))
        elif keyword == "ARG" and not stages:
            defaults.update(_assignments(rest, defaults))
        elif stages:
            _inside(keyword, rest, stages, defaults, bases)
    last = stages[-1] if stages else _Stage()
    user = (last.user or "").split(":", 1)[0]
    numeric = user.isascii() and user.isdigit() and len(user) < 11
    return Dockerfile(
        path=path,
        port=last.port,
        user=int(user) if numeric else None,
        user_name=user if user and not numeric else None,
        bases=tuple(dict.fromkeys(bases)),
        stages=tuple(stage.name for stage in stages if stage.name),
    )


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    """Yield (KEYWORD, rest) with continued lines joined, comments and here-documents left out."""
    escape = "`" if re.match(r"(?:\s*#[^\n]*\n)*?\s*#\s*escape\s*=\s*`", text[:2000], re.IGNORECASE) else "\\"
    lines = iter(text.splitlines()[:_MOST_LINES])
    logical = ""
    for line in lines:
        stripped = line.strip()
        if stripped.startswith("#") or (logical and not stripped):
            continue
        if stripped.endswith(escape):
            logical += stripped[:-1] + " "
            continue
        logical = (logical + stripped).strip()
        keyword, _, rest = logical.partition(" ")
        keyword = keyword.upper()
        if keyword in {"RUN", "COPY", "ADD"}:
            for found in _HEREDOC.finditer(rest):
                _skip(lines, found[2])
        if keyword:
            yield keyword, rest.strip()
        logical = ""


def _skip(lines: Iterator[str], end: str) -> None:
    for line in lines:
        if line.strip() == end:
            return


def _from(rest: str, defaults: Mapping[str, str], stages: list[_Stage], bases: list[str]) -> _Stage:
    words = [word for word in rest.split() if not word.startswith("--")]
    image = expand(words[0], defaults) if words else ""
    name = words[2].lower() if len(words) == 3 and words[1].lower() == "as" else ""
    parent = _stage(image, stages)
    if parent:
        return _Stage(name, parent.port, parent.user, dict(parent.variables))
    if image and image != "scratch":
        bases.append(image)
    return _Stage(name)


def _stage(name: str, stages: list[_Stage]) -> _Stage | None:
    if name.isascii() and name.isdigit() and int(name[:6]) < len(stages):
        return stages[int(name[:6])]
    return next((stage for stage in stages if stage.name and stage.name == name.lower()), None)


def _inside(keyword: str, rest: str, stages: list[_Stage], defaults: Mapping[str, str], bases: list[str]) -> None:
    stage = stages[-1]
    if keyword == "ARG":
        stage.variables.update(_assignments(rest, stage.variables, defaults))
    elif keyword == "ENV":
        stage.variables.update(_assignments(rest if "=" in rest else rest.replace(" ", "=", 1), stage.variables))
    elif keyword == "USER":
        stage.user = expand(rest.split(maxsplit=1)[0], stage.variables) if rest else None
    elif keyword == "EXPOSE" and stage.port is None:
        stage.port = _port(expand(rest, stage.variables))
    elif keyword == "COPY":
        source = re.match(r"(?:--\S+\s+)*?--from=(\S+)", rest)
        image = source[1] if source else ""
        if image and "$" not in image and not _stage(image, stages) and not image.isdigit():
            bases.append(image)


def _port(text: str) -> int | None:
    for word in text.split():
        found = re.fullmatch(r"(\d{1,5})(?:-\d+)?(?:/tcp)?", word, re.IGNORECASE)
        if found and 0 < int(found[1]) < 65536:
            return int(found[1])
    return None


def _assignments(rest: str, known: Mapping[str, str], outer: Mapping[str, str] | None = None) -> dict[str, str]:
    """Read `NAME=value NAME2="two words"`; an ARG without a value takes the one declared before the first FROM."""
    result: dict[str, str] = {}
    for found in re.finditer(r"([A-Za-z_]\w*)(?:=(\"(?:\\.|[^\"\\])*\"|'[^']*'|(?:\\.|[^\s\\])*))?", rest):
        name, value = found[1], found[2]
        if value is None:
            if outer and name in outer:
                result[name] = outer[name]
            continue
        bare = value[1:-1] if value[:1] in {'"', "'"} else value
        result[name] = bare if value.startswith("'") else expand(bare, {**known, **result})
    return result


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Put variables in: `$A`, `${A}`, `${A:-default}`, `${A:+other}`; an unknown one stays as it is written."""

    def value(found: re.Match[str]) -> str:
        name = found["long"] or found["short"]
        if name is None:
            return found[0]
        known = variables.get(name, "")
        if found["operator"] == "-":
            return known or found["other"]
        if found["operator"] == "+":
            return found["other"] if known else ""
        if name in variables:
            return known
        return "" if name in _PREDEFINED and name.endswith("VARIANT") else found[0]

    return _VARIABLE.sub(value, text[:4096]).strip("\"'")
