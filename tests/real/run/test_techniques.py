"""The table of techniques: what is generated, executed by which test, with what in place of what."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import yaml

from tests.real.run import job_images
from tests.real.summary import tell

HERE = Path(__file__).parent
JUDGES = "GitLab's CI schema, gitlab-ci-local, shellcheck, busybox sh"
TECHNIQUES: list[dict[str, Any]] = yaml.safe_load((HERE / "techniques.yml").read_text(encoding="utf-8"))


def defined_in(file: Path) -> set[str]:
    body = ast.parse(file.read_text(encoding="utf-8")).body
    return {f"{file.stem}::{item.name}" for item in body if isinstance(item, ast.FunctionDef)}


def test_every_technique_is_executed_by_a_test_or_says_why_not() -> None:
    there = set().union(*map(defined_in, HERE.glob("test_*.py")))
    for item in TECHNIQUES:
        assert set(item) <= {"technique", "part", "validated", "by", "instead", "not"}
        assert set(item["by"]) <= there, item["technique"]
        assert item["by"] or item.get("not"), item["technique"]
        tell(row(item))


def row(item: dict[str, Any]) -> str:
    told = {
        "generated": item["part"],
        "validated by": item.get("validated", JUDGES),
        "executed by": ", ".join(item["by"]) or "nothing",
        "stand-in": item.get("instead", "none"),
        "not executed": item.get("not", "nothing"),
    }
    return f"technique: {item['technique']} | " + " | ".join(f"{name}: {text}" for name, text in told.items())


def test_every_job_image_says_what_stands_in_for_it() -> None:
    assert set(job_images.RECIPES) == set(job_images.REPLACED)
    for name, stand_in in job_images.REPLACED.items():
        tell(f"job image {name}: {stand_in}")
