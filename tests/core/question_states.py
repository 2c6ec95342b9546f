"""States for the questions: what discovery might have found."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from wizard.changes.file import blob_ids
from wizard.generate.detection import Detection, detect
from wizard.state import FileState, Identity, Instance, ProjectState, RepositoryState, State, VariableState

PROJECT = ProjectState(
    id=10,
    path="acme/team/app",
    visibility="private",
    role=40,
    default_branch="main",
    web_url="https://gitlab.example.com/acme/team/app",
    registry_access="enabled",
    image_prefix="registry.example.com/acme/team/app",
    cleanup=None,
)
DOCKERFILE = b"FROM registry.example.com/platform/base/python:3.14\nEXPOSE 3000\nUSER 1234\n"
CI = b"""\
lint:
  image: registry.example.com/platform/lint:2
test:
  image:
    name: "harbor.example.com/tools/node:24"
own:
  image: registry.example.com/acme/team/app/x:1
open:
  image: python:3.14
"""


def state(files: dict[str, bytes] | None = None, **changed: Any) -> State:
    """Return a state of the project with these files."""
    files = files or {}
    detection = detect(files) if files else Detection()
    repository = RepositoryState(
        files={path: FileState(path, content) for path, content in files.items()},
        detection=detection,
        sources=blob_ids((found.path for found in detection.workloads), files),
    )
    whole = State(
        today=date(2026, 11, 23),
        instance=Instance("https://gitlab.example.com", (19, 5), "19.5.0-ee"),
        identity=Identity(3, "maint"),
        project=PROJECT,
        repository=repository,
        variables=(VariableState("OLD", value=None, masked=True, protected=True, variable_type="file"),),
        agents=("acme/agents:production", "acme/agents:staging"),
    )
    return replace(whole, **changed)
