"""Routes as data, and finding the one that a request means."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote

from werkzeug.wrappers import Request, Response

from wizard.sandbox.known_routes import KNOWN
from wizard.sandbox.parameters import Parameters
from wizard.sandbox.replies import method_not_allowed, no_route, not_simulated
from wizard.sandbox.roles import Role

if TYPE_CHECKING:
    from wizard.sandbox.call import Call

API = "/api/v4"
_PARTS = {False: "[^/]+", True: "[^/].*?"}
_VERBS = {"GET": "read", "POST": "create", "PUT": "update", "PATCH": "update", "DELETE": "delete"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method of one rule. A rule below `/projects/<id>` or `/groups/<id>` has that project or group as its subject.

    The dispatcher checks, in this order: token (401), scope (403), subject (404), role (403), parameters (400), lock
    (409); then it calls `handler`.
    """

    method: str
    rule: str
    handler: Callable[[Call], Response]
    base: str = API
    """What stands before the rule; empty for `/jwt/auth` and the like, `/-/sandbox` for control calls."""
    side: Literal["gitlab", "registry"] = "gitlab"
    params: Parameters = field(default_factory=Parameters)
    role: Role = Role.NONE
    """The least role in the subject."""
    admin: bool = False
    anonymous: bool = False
    """Does without a token where the subject is public (then no 401 comes first)."""
    scopes: Sequence[str] = ()
    """Any one of these does; empty: `api`, and `read_api` too for reading."""
    noun: str | None = ""
    """What a fine-grained token must have a right for (`variable` -> `read_variable`); None: open to all of them."""
    job_token: Literal["no", "own", "allowlist"] = "no"
    integer_id: bool = False
    """The subject's `:id` is declared as an integer: a path is a 400."""
    since: tuple[int, int] = (0, 0)
    """The first GitLab version that has this route."""
    refusal: str = ""
    """What GitLab adds to `403 Forbidden` when the role is too low."""
    settings: bool = False
    """Writes the settings of its project: a locked one answers 409."""
    guard: Callable[[Call], None] | None = None
    """A check of caller and subject that needs more than a least role; runs before the parameters are looked at."""
    reads: bool = False
    """Changes nothing although it is no GET (lint, GraphQL): goes through in maintenance and in an archived project."""

    @property
    def path(self) -> str:
        """The whole rule."""
        return self.base + self.rule

    @property
    def writes(self) -> bool:
        """Whether a call changes something."""
        return self.method not in ("GET", "HEAD") and not self.reads

    @property
    def needed_scopes(self) -> Sequence[str]:
        """The scopes of which one is enough."""
        if self.scopes:
            return self.scopes
        return ("api",) if self.writes else ("api", "read_api")

    @property
    def right(self) -> str | None:
        """The right that a fine-grained token needs (GitLab's `route_setting :authorization`)."""
        if self.noun is None:
            return None
        noun = self.noun or ("project" if self.rule.startswith("/projects") else "group")
        return f"{_VERBS.get(self.method, 'read')}_{noun}"

    @property
    def is_control(self) -> bool:
        """Whether this belongs to the sandbox itself and not to GitLab."""
        return self.base == "/-/sandbox"


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule ready to be matched; `route` is None for what GitLab has and the sandbox has not."""

    pattern: re.Pattern[str]
    methods: frozenset[str]
    route: Route | None = None


class RouteTable:
    """All routes of one server, and those that GitLab has and the sandbox has not.

    Not werkzeug's own map: it compiles code that builds an address from each rule, which costs a third of a second
    for every server and is needed by nobody here.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        """Put the rules into order: of two that match, the one that says more comes first."""
        ordered = sorted(routes, key=lambda route: _variables(route.path))
        self._served = [_Rule(_pattern(route.path), _with_head(route.method), route) for route in ordered]

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """Return the route and its arguments, decoded; refuse with 404, 405 or 501."""
        allowed: set[str] = set()
        for rule in self._served:
            found = rule.pattern.fullmatch(path)
            if found is None:
                continue
            if rule.route is not None and method in rule.methods:
                return rule.route, {name: unquote(value) for name, value in found.groupdict().items()}
            allowed |= rule.methods
        for rule in _known():
            if rule.pattern.fullmatch(path) is None:
                continue
            if method in rule.methods:
                raise not_simulated(f"{method} {path}")
            allowed |= rule.methods
        raise method_not_allowed(sorted(allowed)) if allowed else no_route()


@functools.cache
def _known() -> tuple[_Rule, ...]:
    lines = (line.split() for line in KNOWN.strip().splitlines())
    return tuple(_Rule(_pattern(API + rule), _with_head(*methods)) for *methods, rule in lines)


@functools.cache
def _pattern(rule: str) -> re.Pattern[str]:
    """A variable part is one segment, `<path:name>` several; a slash at the end changes nothing."""
    parts = re.split(r"<((?:path:)?\w+)>", rule.rstrip("/"))
    written = [
        re.escape(part) if index % 2 == 0 else f"(?P<{part.removeprefix('path:')}>{_PARTS[part.startswith('path:')]})"
        for index, part in enumerate(parts)
    ]
    return re.compile("".join(written) + "/?")


def _variables(rule: str) -> list[int]:
    return [2 if "<path:" in part else int("<" in part) for part in rule.split("/")]


def _with_head(*methods: str) -> frozenset[str]:
    return frozenset({*methods, "HEAD"} if "GET" in methods else methods)


def raw_path(request: Request) -> str:
    """Return the path as it was sent: `group%2Fproject` is one segment."""
    sent = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.path)
    if "://" in sent:
        sent = "/" + sent.split("://", 1)[1].partition("/")[2]
    return sent.partition("?")[0]
