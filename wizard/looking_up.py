"""What only some answers make worth reading: it is looked up when a question needs it, not by every plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from wizard import decode
from wizard.discover import source_reads, source_state
from wizard.errors import WizardError
from wizard.gateways.gitlab import Api, encoded
from wizard.lookups import Lookups
from wizard.reading import Reader, accepted, present
from wizard.state import ImageState, RunnerState, SourceState, State, TagState, Unknown

MOST_RUNNERS = 20
"""Runners whose tags are asked for, one at a time."""
MOST_DATES = 300
"""Tags whose age is asked for: GitLab tells it one tag at a time."""


def look_up(api: Api, reader: Reader, state: State, wanted: Lookups) -> State:
    """Return the state with what was wanted, or with why it cannot be read. Only reads."""
    images = _images(api, reader, state) if wanted.images else state.images
    runners = _runners(api, reader, state) if wanted.runners else state.runners
    sources = {path: _source(api, reader, path, state) for path in wanted.sources}
    return replace(state, images=images, runners=runners, sources={**state.sources, **sources})


def _images(api: Api, reader: Reader, state: State) -> tuple[ImageState, ...] | Unknown:
    at = f"/projects/{state.project.id}/registry/repositories"
    try:
        rows = reader.together({"rows": lambda: api.rows(at)})["rows"]
        listed = reader.together({str(row["id"]): _rows(api, f"{at}/{row['id']}/tags") for row in rows})
        named = [(row, tag["name"]) for row in rows for tag in listed[str(row["id"])]]
        details = reader.together(
            {f"{row['id']}:{tag}": _detail(api, f"{at}/{row['id']}/tags/{encoded(tag)}") for row, tag in
             named[:MOST_DATES]}
        )  # fmt: skip
    except WizardError as error:
        return Unknown(error.message)
    return tuple(
        ImageState(
            row["path"],
            tuple(
                TagState(tag["name"], _day(details.get(f"{row['id']}:{tag['name']}"))) for tag in listed[str(row["id"])]
            ),
        )
        for row in rows
    )


def _rows(api: Api, path: str) -> Any:
    return lambda: api.rows(path)


def _detail(api: Api, path: str) -> Any:
    """A tag that was removed meanwhile, or that has no manifest, has no age; that must not hide the others."""
    return accepted(lambda: api.get(path))


def _day(detail: object) -> date | None:
    text = detail.get("created_at") if isinstance(detail, Mapping) else None
    try:
        return date.fromisoformat(str(text)[:10]) if text else None
    except ValueError:
        return None


def _runners(api: Api, reader: Reader, state: State) -> tuple[RunnerState, ...] | Unknown:
    """Read the runners that are online; their tags stand in the details of each, which not everybody may read.

    GitLab.com lists its own runners in every project, and what they can is known.
    """
    try:
        rows = reader.together({"rows": lambda: api.rows(f"/projects/{state.project.id}/runners", status="online")})
        listed = [row for row in rows["rows"] if not (state.instance.hosted and row.get("is_shared"))][:MOST_RUNNERS]
        details = reader.together({str(row["id"]): _detail(api, f"/runners/{row['id']}") for row in listed})
    except WizardError as error:
        return Unknown(error.message)
    return tuple(decode.runner(row, details[str(row["id"])]) for row in listed)


def _source(api: Api, reader: Reader, path: str, state: State) -> SourceState:
    try:
        body = reader.together({"project": present(lambda: api.get(f"/projects/{encoded(path)}"))})["project"]
        if body is None:
            return SourceState(path, None)
        project = decode.project(body, admin=state.identity.admin)
        return source_state(path, project, reader.together(source_reads(api, path, project)))
    except WizardError as error:
        return SourceState(path, None, Unknown(error.message))
