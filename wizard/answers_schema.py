"""The JSON Schema of the answers format, for editors and for `answers schema`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wizard.answer_keys import ROOT


def schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12). It states every default; what contradicts is beyond it."""
    generated = ROOT.adapter.json_schema(by_alias=True)
    described = {
        name: _described(part, ROOT.keys()[name].description) for name, part in generated["properties"].items()
    }
    complete = {**generated, "properties": described, "required": ["version"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Answers of registry-wizard",
        **_without_titles(complete),
    }


def _described(part: dict[str, Any], description: str) -> dict[str, Any]:
    # pydantic leaves the description out beside a reference whose class is used once
    return {**part, "description": description}


def _without_titles(part: Any) -> Any:
    """Leave out the titles that pydantic makes of every name."""
    if isinstance(part, Mapping):
        kept = {key: value for key, value in part.items() if not (key == "title" and isinstance(value, str))}
        return {key: _without_titles(value) for key, value in kept.items() if key != "discriminator"}
    return [_without_titles(item) for item in part] if isinstance(part, list) else part
