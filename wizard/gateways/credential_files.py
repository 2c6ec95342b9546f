"""Tokens that other GitLab programs keep: python-gitlab's configuration and glab's.

A token is taken only where the file gives it for the very host that is meant.
"""

from __future__ import annotations

import configparser
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from wizard.errors import WizardError
from wizard.secret import Secret
from wizard.target import origin_of


@dataclass(frozen=True, slots=True)
class Found:
    """A token and the file that it stands in."""

    secret: Secret
    file: Path


def python_gitlab(url: str, environ: Mapping[str, str], home: Path) -> Found | None:
    """Look into python-gitlab's files (`PYTHON_GITLAB_CFG` alone where it is set); `helper:` programs are run by it."""
    named = environ.get("PYTHON_GITLAB_CFG")
    files = [Path(named)] if named else [home / ".python-gitlab.cfg", Path("/etc/python-gitlab.cfg")]
    if named and not files[0].is_file():
        raise WizardError("token-config", f"PYTHON_GITLAB_CFG names {named}, which is no file", "Unset or mend it.")
    for file in files:
        section = _section(file, url)
        if section and (secret := _python_gitlab_token(file, section)):
            return Found(secret, file)
    return None


def _section(file: Path, url: str) -> str | None:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(file, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError, OSError):
        raise _broken(file) from None
    named = [name for name in parser.sections() if _same(parser.get(name, "url", fallback=""), url)]
    # Two accounts on one GitLab: the default one, where it is one of them.
    default = parser.get("global", "default", fallback="")
    return default if default in named else next(iter(named), None)


def _python_gitlab_token(file: Path, section: str) -> Secret | None:
    from gitlab.config import ConfigError, GitlabConfigParser  # noqa: PLC0415  # only where such a file matches

    try:
        config = GitlabConfigParser(gitlab_id=section, config_files=[str(file)])
    except (ConfigError, configparser.Error, OSError, ValueError):
        raise _broken(file) from None
    token = config.private_token or config.oauth_token
    return Secret(token) if token else None


def glab(url: str, environ: Mapping[str, str], home: Path) -> Found | None:
    """Look into glab's `config.yml`; the first one that exists is the only one, as for glab itself."""
    file = next((file for file in _glab_files(environ, home) if file.is_file()), None)
    if file is None:
        return None
    try:
        # glab tags a token that looks like another type (`!!null`); read as plain text every tag is ignored.
        read: Any = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506  # makes only text
    except (yaml.YAMLError, OSError, ValueError):
        raise _broken(file) from None
    hosts = read.get("hosts") if isinstance(read, Mapping) else None
    for host, entry in hosts.items() if isinstance(hosts, Mapping) else ():
        if not isinstance(entry, Mapping) or not entry.get("token"):
            continue
        scheme = entry.get("api_protocol") or "https"
        if _same(f"{scheme}://{host}", url) or _same(f"{scheme}://{entry.get('api_host') or host}", url):
            return Found(Secret(str(entry["token"])), file)
    return None


def _glab_files(environ: Mapping[str, str], home: Path) -> Iterator[Path]:
    if folder := environ.get("GLAB_CONFIG_DIR"):
        yield Path(folder) / "config.yml"
    yield home / ".config/glab-cli/config.yml"
    if folder := environ.get("XDG_CONFIG_HOME"):
        yield Path(folder) / "glab-cli/config.yml"
    yield home / "Library/Application Support/glab-cli/config.yml"
    yield Path("/etc/xdg/glab-cli/config.yml")


def _same(one: str, other: str) -> bool:
    return bool(one) and origin_of(one) == origin_of(other)


def _broken(file: Path) -> WizardError:
    return WizardError("token-config", f"{file} cannot be read as configuration", "Mend it, or name another source.")
