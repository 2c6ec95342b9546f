"""Which project on which GitLab: worked out from the options, the answers and the `origin` remote, without any I/O."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from wizard.errors import UsageError
from wizard.text import visible
from wizard.validators import check_project_path

_SCP = re.compile(r"(?:[^@/\s]+@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^:/\s@]+):(?!//)(?P<path>.+)", re.DOTALL)
_SSH = ("ssh", "git+ssh", "ssh+git")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """One project on one GitLab, and the work tree it is set up from."""

    url: str
    """GitLab's own address, without a slash at the end; the API is below `/api/v4`."""
    project: str | None
    work_tree: Path | None
    notes: tuple[str, ...] = ()
    """What the user should know before the first request."""
    origin_project: str | None = None
    """The project that `origin` names, where there is one."""


@dataclass(frozen=True, slots=True)
class Remote:
    """Where a git remote points. User and password are never kept."""

    url: str
    """Scheme, host and (for http and https) port."""
    path: str
    """The path behind it, without `.git`."""
    web: bool
    """It is an http or https address, which repeats the path that GitLab lives under."""


def resolve(
    *,
    project: str | None,
    answered: str | None,
    url: str | None,
    origin: str | None,
    work_tree: Path | None,
    choose: bool = False,
) -> Target:
    """Work out the target.

    `project` and `url` are the options, `answered` is the project of the answers, `origin` the remote's address as git
    gives it. UsageError where they do not name one project on one GitLab; with `choose` the project may stay open.
    """
    base = parse_url(url) if url is not None else None
    remote = parse_remote(origin) if origin else None
    if origin and remote is None and not (base and (project or answered or choose)):
        raise UsageError(
            "remote-not-gitlab",
            "the `origin` remote does not point to a server that speaks ssh, http or https",
            "Name the project with --project GROUP/PROJECT and GitLab with --url https://HOST.",
        )
    if base is None:
        base = _from_remote(remote)
    named = _origin_project(remote, base)
    wanted = project or answered or named
    if wanted is None and not choose:
        raise UsageError(
            "no-project",
            "it is not clear which project is meant" if remote else "there is no `origin` remote to tell the project",
            "Name it with --project GROUP/PROJECT.",
        )
    if wanted is not None and (problem := check_project_path(wanted)):
        raise UsageError("project-path", f"the project {visible(wanted)!r} {problem}", "Use --project GROUP/PROJECT.")
    notes = _notes(base, remote) if url is not None else ()
    return Target(base, wanted, work_tree, notes, named)


def parse_url(text: str) -> str:
    """Read `--url`: GitLab's own address, with the path that GitLab lives under, if any. Plain http is meant here."""
    parts = _split(text)
    if parts is None or parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise UsageError("url", "--url is not an http:// or https:// address", "Example: --url https://gitlab.com")
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            "url-credentials",
            "--url holds a user name or a password, which are never taken on the command line",
            "Give the address alone, and the token by --token-stdin, --token-file or GITLAB_TOKEN.",
        )
    if parts.query or parts.fragment:
        raise UsageError("url", "--url is not GitLab's own address: it has a ? or a #", "Example: https://gitlab.com")
    path = re.sub(r"/+", "/", parts.path).rstrip("/").removesuffix("/api/v4")
    return f"{_root(parts.scheme, parts.hostname, parts.port)}{path}"


def parse_remote(text: str) -> Remote | None:
    """Read a remote's address: scp form, ssh, http or https; None for a folder or anything else.

    An ssh port says nothing about https and is dropped; http and https keep scheme and port.
    """
    if "://" in text:
        parts = _split(text)
        if parts is None or not parts.hostname:
            return None
        if parts.scheme in _SSH:
            return Remote(_root("https", parts.hostname, None), _project(parts.path), web=False)
        if parts.scheme in _DEFAULT_PORTS:
            return Remote(_root(parts.scheme, parts.hostname, parts.port), _project(parts.path), web=True)
        return None
    scp = _SCP.fullmatch(text.strip())
    if scp is None:
        return None
    return Remote(_root("https", scp["host"].strip("[]"), None), _project(scp["path"]), web=False)


def origin_of(url: str) -> tuple[str, int]:
    """Return host and port of an address; one without a scheme is taken as https. ('', 0) where it is none."""
    parts = _split(url if "://" in url else f"https://{url}")
    if parts is None or not parts.hostname:
        return "", 0
    return parts.hostname.lower(), parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)


def is_loopback(url: str) -> bool:
    """Whether an address stays on this machine."""
    host = origin_of(url)[0]
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text.strip())
        _ = parts.port  # raises for a port that is no number
    except ValueError:
        return None
    plain = re.fullmatch(r"[A-Za-z0-9._:-]+", parts.hostname or "x")
    return parts if plain and not re.search(r"[\s\x00-\x1f\x7f\\]", text.strip()) else None


def _root(scheme: str, host: str, port: int | None) -> str:
    shown = f"[{host}]" if ":" in host else host.lower()
    return f"{scheme}://{shown}" + (f":{port}" if port and port != _DEFAULT_PORTS[scheme] else "")


def _project(path: str) -> str:
    return path.strip().strip("/").removesuffix(".git").strip("/")


def _from_remote(remote: Remote | None) -> str:
    if remote is None:
        raise UsageError(
            "no-remote",
            "there is no `origin` remote to tell which GitLab is meant",
            "Name both: --url https://HOST --project GROUP/PROJECT.",
        )
    if remote.url.startswith("http:") and not is_loopback(remote.url):
        raise UsageError(
            "plain-http",
            f"the `origin` remote uses plain http: {remote.url} would get the token unencrypted",
            f"If that is what you want: --url {remote.url}; else --url {remote.url.replace('http:', 'https:', 1)}.",
        )
    return remote.url


def _origin_project(remote: Remote | None, base: str) -> str | None:
    """The remote's path without the path that GitLab lives under, where that leaves a project's path."""
    if remote is None:
        return None
    below = urlsplit(base).path.strip("/")
    inner = remote.path.removeprefix(f"{below}/") if below else remote.path
    if not remote.web and check_project_path(inner):
        inner = remote.path
    return inner if check_project_path(inner) is None else None


def _notes(base: str, remote: Remote | None) -> tuple[str, ...]:
    if remote is None or origin_of(base)[0] == origin_of(remote.url)[0]:
        return ()
    return (f"--url names {base}, the `origin` remote names {remote.url}: using {base}",)
