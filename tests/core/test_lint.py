"""GitLab's verdict on the pipeline as it will be: what is sent to it, and how each answer reads."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import yaml

from tests.core.question_states import state
from wizard import layout
from wizard.change import Change, Plan
from wizard.generate.inlined import inlined
from wizard.lint import Verdict, pipeline, verdict

OURS = b"# registry-wizard\nregistry-image-build:\n  stage: build\n  script: [build]\n"
PATH = f"/{layout.PIPELINE}"


class _Loader(yaml.SafeLoader):
    """Reads GitLab's own tag, too."""


def _reference(loader: Any, node: Any) -> tuple[str, ...]:
    return ("reference", *loader.construct_sequence(node))


_Loader.add_constructor("!reference", _reference)


def read(text: str) -> Any:
    return yaml.load(text, _Loader)  # noqa: S506  # a safe loader with one more tag


@pytest.mark.parametrize(
    ("include", "left"),
    [
        (f"include:\n  - local: {PATH}", None),
        (f"include: {layout.PIPELINE}", None),
        (
            f"include: [{{local: {PATH}}}, {{template: Jobs/Build.gitlab-ci.yml}}]",
            [{"template": "Jobs/Build.gitlab-ci.yml"}],
        ),
        ("include: other.yml", ["other.yml"]),
        ("stages: [build]", None),
    ],
)
def test_our_file_stands_in_place_of_its_include_and_every_other_stays(include: str, left: Any) -> None:
    document = read(inlined(f"{include}\nlint: {{script: a}}\n".encode(), PATH, OURS))
    assert document.get("include") == left
    assert document["registry-image-build"] == {"stage": "build", "script": ["build"]}
    assert document["lint"] == {"script": "a"}


def test_anchors_tags_and_quotes_mean_what_they_meant() -> None:
    text = """
.base: &base
  image: &image "1.0"
job:
  <<: *base
  script: [!reference [.other, script], "on", 'yes', on]
again: &base {image: other}
last: {<<: *base}
"""
    document = read(inlined(text.encode(), PATH, OURS))
    assert document["job"] == {"image": "1.0", "script": [("reference", ".other", "script"), "on", "yes", True]}
    assert document["last"] == {"image": "other"}


def test_a_header_and_a_byte_order_mark_are_no_obstacle() -> None:
    text = b"\xef\xbb\xbfspec:\n  inputs: {}\n---\njob: {script: a}\n"
    header, document = yaml.safe_load_all(inlined(text, PATH, OURS))
    assert header == {"spec": {"inputs": {}}}
    assert list(document) == ["job", "registry-image-build"]


def file(path: str, content: bytes | None) -> Change:
    inputs = {"content": base64.b64encode(content).decode()} if content is not None else {}
    return Change(f"file:{path}", "file", "update" if inputs else "unchanged", path, path, inputs=inputs)


def plan(*changes: Change) -> Plan:
    return Plan("acme/app", 10, "https://gitlab.example.com", changes)


def test_what_is_sent_is_the_pipeline_as_it_will_be() -> None:
    here = state({layout.CI_FILE: b"old: {script: a}\n"})
    changed = plan(file(layout.CI_FILE, f"include: {PATH}\nnew: {{script: a}}\n".encode()), file(layout.PIPELINE, OURS))
    assert list(read(pipeline(changed, here) or "")) == ["new", "registry-image-build"]
    same = plan(file(layout.CI_FILE, None), file(layout.PIPELINE, OURS))
    assert list(read(pipeline(same, here) or "")) == ["old", "registry-image-build"]


@pytest.mark.parametrize(
    "changes", [(), (file(layout.PIPELINE, OURS),), (file(layout.CI_FILE, b"a: [\n"), file(layout.PIPELINE, OURS))]
)
def test_nothing_is_asked_where_there_is_no_pipeline_to_ask_about(changes: tuple[Change, ...]) -> None:
    assert pipeline(plan(*changes), state({})) is None


@pytest.mark.parametrize(
    ("answer", "meant"),
    [
        ({"valid": True, "errors": [], "warnings": ["slow"]}, Verdict("valid", warnings=("slow",))),
        ({"valid": False, "errors": ["jobs:a needs b"], "warnings": []}, Verdict("invalid", ("jobs:a needs b",))),
        ({"valid": False}, Verdict("invalid", ("no reason was given",))),
        ({}, Verdict("unknown", why="GitLab's answer was not understood")),
        ({"valid": "yes", "errors": "x"}, Verdict("unknown", why="GitLab's answer was not understood")),
        ({"valid": False, "errors": ["\x1b[31mred"]}, Verdict("invalid", ("\\x1b[31mred",))),
    ],
)
def test_every_answer_reads_as_a_verdict(answer: dict[str, Any], meant: Verdict) -> None:
    assert verdict(answer) == meant


def test_only_a_refusal_is_a_warning_and_it_quotes_gitlab() -> None:
    assert Verdict("valid").notice is None
    assert Verdict("unknown", why="403 Forbidden").notice is None
    notice = Verdict("invalid", ("jobs:a needs b", "unknown stage")).notice
    assert notice is not None
    assert notice.code == "pipeline-invalid"
    assert "jobs:a needs b; unknown stage" in notice.message
