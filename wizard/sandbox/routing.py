"""Routes as data, and finding the one that a request means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from wizard.sandbox.known_routes import KNOWN
from wizard.sandbox.parameters import Parameters
from wizard.sandbox.replies import method_not_allowed, no_route, not_simulated
from wizard.sandbox.roles import Role

if TYPE_CHECKING:
    from wizard.sandbox.call import Call

API = "/api/v4"
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


class RouteTable:
    """All routes of one server, and those that GitLab has and the sandbox has not."""

    def __init__(self, routes: Iterable[Route]) -> None:
        """Compile the rules."""
        self._served = _compiled((route.path, [route.method], route) for route in routes)
        known = (line.split() for line in KNOWN.strip().splitlines())
        self._known = _compiled((API + rule, methods, None) for *methods, rule in known)

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """Return the route and its arguments, decoded; refuse with 404, 405 or 501."""
        allowed: set[str] = set()
        adapter = self._served.bind("sandbox")
        try:
            route, arguments = adapter.match(path, method, websocket=False)
        except NotFound:
            pass
        except MethodNotAllowed as error:
            allowed |= set(error.valid_methods or ())
        else:
            assert isinstance(route, Route)  # noqa: S101 - the map above holds nothing else
            return route, {name: unquote(str(value)) for name, value in arguments.items()}
        allowed |= self._elsewhere(method, path)
        raise method_not_allowed(sorted(allowed)) if allowed else no_route()

    def _elsewhere(self, method: str, path: str) -> set[str]:
        try:
            self._known.bind("sandbox").match(path, method, websocket=False)
        except NotFound:
            return set()
        except MethodNotAllowed as error:
            return set(error.valid_methods or ())
        raise not_simulated(f"{method} {path}")


def _compiled(rules: Iterable[tuple[str, Sequence[str], Route | None]]) -> Map:
    made = [Rule(path, methods=methods, endpoint=route) for path, methods, route in rules]
    return Map(made, merge_slashes=False, strict_slashes=False, sort_parameters=False)


def raw_path(request: Request) -> str:
    """Return the path as it was sent: `group%2Fproject` is one segment."""
    sent = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.path)
    if "://" in sent:
        sent = "/" + sent.split("://", 1)[1].partition("/")[2]
    return sent.partition("?")[0]
