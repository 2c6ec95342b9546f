"""Answers written as YAML with comments: the file that the wizard leaves, and the example."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import yaml

from wizard.answer_keys import ROOT, Key
from wizard.answer_words import choices_of

_WIDTH = 110
_HEAD = """\
# What registry-wizard sets up for this project. It holds no secret, only where secrets are found: commit it.
# A section that is not here is left as it is. `registry-wizard answers schema` states every key and default.
"""
_EXAMPLE_HEAD = """\
# An example of every key, not the defaults. A section that is left out is left as it is; version alone is enough.
# In place of deploy.kubernetes.app, for manifests that are there already:
#   workloads: [{name: web, kind: Deployment, file: deploy/web.yaml, container: web}]
"""


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    comment: str = ""


def render(document: Mapping[str, Any]) -> str:
    """Write the plain document of answers: only the keys that it holds, in the format's order, sections explained."""
    return _HEAD + _text(ROOT, {"version": 1, **document}, deep=False)


def example() -> str:
    """Return an answers file that holds every section, with a comment on every key. It passes `answers check`."""
    return _EXAMPLE_HEAD + _text(ROOT, _EXAMPLE, deep=True)


def scalar(value: Any) -> str:
    """Write one value as YAML on one line, quoted where it would mean something else."""
    style = _style(value) if isinstance(value, str) else None
    # an end mark follows a plain scalar
    text = yaml.safe_dump(
        value, width=math.inf, default_flow_style=True, default_style=style, allow_unicode=style != '"'
    )
    return text.removesuffix("\n").removesuffix("\n...")


def _style(text: str) -> str | None:
    if not text.isprintable():
        return '"'
    return None if re.fullmatch(r"[\w./][\w./@:+$,= ~-]*", text) else "'"


def _text(key: Key, document: Mapping[str, Any], *, deep: bool) -> str:
    lines: list[str] = []
    for line in _section(key, document, deep=deep):
        whole = f"{line.text}  # {line.comment}"
        if not line.comment:
            lines.append(line.text)
        elif len(whole) <= _WIDTH:
            lines.append(whole)
        else:
            indent = " " * (len(line.text) - len(line.text.lstrip()))
            lines += [f"{indent}# {part}" for part in textwrap.wrap(line.comment, _WIDTH - len(indent) - 2)]
            lines.append(line.text)
    return "\n".join(lines) + "\n"


def _section(key: Key, section: Mapping[str, Any], *, deep: bool, explained: Container[str] = ()) -> Iterator[_Line]:
    known = key.keys(section)
    for name in sorted(section, key=list(known).index):
        value = list(section[name]) if isinstance(section[name], list | tuple) else section[name]
        if value in (None, []) and known[name].default in (None, ()):
            continue
        comment = _comment(known[name]) if name not in explained and (deep or key is ROOT) else ""
        yield from _entry(name, known[name], value, comment, deep=deep)


def _entry(name: str, key: Key, value: Any, comment: str, *, deep: bool) -> Iterator[_Line]:
    if isinstance(value, Mapping) and value:
        yield _Line(f"{name}:", comment)
        yield from (_indented(line, 2) for line in _section(key, value, deep=deep))
    elif isinstance(value, list) and value and isinstance(value[0], Mapping) and key.element:
        yield _Line(f"{name}:", comment)
        explained: set[str] = set()
        for item in value:
            lines = list(_section(key.element, item, deep=deep, explained=explained))
            explained |= item.keys()
            yield replace(lines[0], text=f"  - {lines[0].text}")
            yield from (_indented(line, 4) for line in lines[1:])
    else:
        yield _Line(f"{name}: {scalar(value)}", comment)


def _indented(line: _Line, by: int) -> _Line:
    return replace(line, text=" " * by + line.text)


def _comment(key: Key) -> str:
    choices = [] if key.section else choices_of(key)
    parts = (" | ".join(choices) if len(choices) > 1 else "", key.description.replace("`", ""))
    return ". ".join(part for part in parts if part)


_EXAMPLE: Mapping[str, Any] = {
    "version": 1,
    "project": "acme/team/app",
    "registry": {
        "target": "gitlab",
        "external": {
            "host": "registry.example.com:5000",
            "repository": "team/app",
            "username": "robot",
            "password": "env:REGISTRY_PASSWORD",
        },
        "visibility": "project",
        "cleanup": {
            "enabled": True,
            "cadence": "7d",
            "keep": 10,
            "older_than": "14d",
            "remove": ".*",
            "retain": r"(?:latest|main|v?[0-9]+\.[0-9]+.*|sha256-.*)",
        },
        "protect": {"push": "maintainer", "delete": "maintainer"},
    },
    "pull": [
        {
            "project": "platform/base-images",
            "image": "python:3.14",
            "as": "base",
            "with": "auto",
            "enforce": False,
            "absent": False,
        }
    ],
    "docker_auth": [
        {"host": "harbor.example.com", "username": "robot$ci", "password": "env:HARBOR_PASSWORD", "absent": False}
    ],
    "build": {
        "enabled": True,
        "engine": "dind",
        "runner_tags": ["docker"],
        "dockerfile": "Dockerfile",
        "generate_dockerfile": True,
        "stack": "auto",
        "context": ".",
        "platforms": ["linux/amd64"],
        "tags": ["branch", "latest", "semver"],
    },
    "deploy": {
        "kubernetes": {
            "environments": [
                {
                    "name": "staging",
                    "namespace": "app-staging",
                    "agent": "acme/agents:staging",
                    "url": "https://staging.example.com",
                    "when": "default-branch",
                },
                {
                    "name": "production",
                    "namespace": "app",
                    "agent": "acme/agents:production",
                    "url": "https://example.com",
                    "when": "manual",
                },
            ],
            "app": {"name": "app", "port": 8080, "replicas": 2, "health_path": "/healthz", "run_as": 10001},
            "pull_secret": {"name": "gitlab-registry", "expires_in_days": 365},
        }
    },
    "mirror": [
        {
            "to": "ecr",
            "registry": "123456789012.dkr.ecr.eu-central-1.amazonaws.com",
            "repository": "app",
            "region": "eu-central-1",
            "role": "arn:aws:iam::123456789012:role/push",
            "when": "tag",
        },
        {
            "to": "gar",
            "registry": "europe-west1-docker.pkg.dev",
            "repository": "acme-prod/images/app",
            "audience": "//iam.googleapis.com/projects/1234/locations/global/workloadIdentityPools/ci/providers/gitlab",
            "service_account": "push@acme-prod.iam.gserviceaccount.com",
            "when": "tag",
        },
        {
            "to": "acr",
            "registry": "acme.azurecr.io",
            "repository": "app",
            "client_id": "11111111-2222-3333-4444-555555555555",
            "tenant_id": "66666666-7777-8888-9999-000000000000",
            "when": "tag",
        },
        {
            "to": "dockerhub",
            "registry": "docker.io",
            "repository": "acme/app",
            "username": "acme",
            "password": "env:DOCKERHUB_TOKEN",
            "when": "manual",
        },
    ],
    "variables": [
        {
            "key": "SENTRY_DSN",
            "value": "env:SENTRY_DSN",
            "masked": True,
            "hidden": True,
            "protected": True,
            "raw": True,
            "scope": "*",
            "type": "env_var",
            "description": "Where errors are reported",
            "absent": False,
        }
    ],
    "delivery": {"mode": "working-tree", "branch": "registry-wizard/setup"},
}
