"""Whatever a CI file looks like, our include goes in by insertions and everything else means what it meant."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.splice_pipelines import OURS, Source, pipelines
from wizard.errors import WizardError
from wizard.generate.splice import Splice, splice
from wizard.generate.splice_insertion import remove
from wizard.generate.stages import StageRole

ROLES = st.lists(st.sampled_from(list(StageRole)), unique=True, min_size=1)
OUR_STAGES = {"build", "deploy", "publish", "release", "delivery", "registry-deploy"}
THOROUGH = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class AnyTagLoader(yaml.SafeLoader):
    """Builds plain values of any tag, so that this test does not read files with the code under test."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Let an anchor be defined anew."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]  # untyped in the stubs
        if not isinstance(event, yaml.AliasEvent):
            self.anchors.pop(event.anchor, None)
        return super().compose_node(parent, index)


def _plain(loader: AnyTagLoader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return ["!" + suffix, *loader.construct_sequence(node, deep=True)]
    return {"!" + suffix: str(node.value)}


AnyTagLoader.add_multi_constructor("!", _plain)


def documents(content: bytes) -> list[Any]:
    """Load every document of a file."""
    return list(yaml.load_all(content.decode("utf-8"), AnyTagLoader))


def is_readable(content: bytes) -> bool:
    """Tell whether values can be built at all: a merge key may merge what is no mapping."""
    try:
        documents(content)
    except yaml.constructor.ConstructorError:
        return False
    return True


def included(value: Any) -> list[Any]:
    """Return an `include` as a list."""
    if not value:
        return []
    return list(value) if isinstance(value, list) else [value]


def is_ours(entry: Any) -> bool:
    """Tell whether an entry is our file."""
    return (entry.get("local") if isinstance(entry, dict) else entry) == OURS


@cache
def ci_schema() -> jsonschema.Draft7Validator:
    """Return GitLab's own schema of the CI file."""
    source = files("check_jsonschema") / "builtin_schemas" / "vendor" / "gitlab-ci.json"
    return jsonschema.Draft7Validator(json.loads(source.read_text(encoding="utf-8")))


@THOROUGH
@given(pipelines(), ROLES)
def test_the_result_is_the_old_file_with_our_include_and_stages(source: Source, roles: list[StageRole]) -> None:
    result = splice(source.content, OURS, roles)
    assert remove(result.after, result.insertions) == source.content
    *old_headers, old = documents(source.content)
    *new_headers, new = documents(result.after)
    assert new_headers == old_headers
    others = [key for key in old if key not in {"include", "stages"}]
    assert [key for key in new if key not in {"include", "stages"}] == others
    assert [new[key] for key in others] == [old[key] for key in others]
    before = included(old.get("include"))
    already = any(map(is_ours, before))
    assert included(new["include"]) == (before if already else [*before, {"local": OURS}])
    old_stages, new_stages = old.get("stages") or [], new.get("stages") or []
    added = {choice.stage for choice in result.stages if choice.added}
    assert [stage for stage in new_stages if isinstance(stage, list) or stage not in added] == old_stages
    assert len(new_stages) == len(old_stages) + len(added)
    assert added <= OUR_STAGES
    assert ("stages" in new) == ("stages" in old)


@THOROUGH
@given(pipelines(), ROLES)
def test_splicing_twice_is_splicing_once(source: Source, roles: list[StageRole]) -> None:
    first = splice(source.content, OURS, roles)
    again = splice(first.after, OURS, roles)
    assert again.after == first.after
    assert not again.insertions
    assert [choice.stage for choice in again.stages] == [choice.stage for choice in first.stages]


@settings(THOROUGH, max_examples=60)
@given(pipelines(), ROLES)
def test_what_gitlabs_schema_accepts_it_still_accepts(source: Source, roles: list[StageRole]) -> None:
    before = documents(source.content)[-1]
    after = documents(splice(source.content, OURS, roles).after)[-1]
    schema = ci_schema()
    assert schema.is_valid(after) or not schema.is_valid(before)


SCRATCHES = st.lists(
    st.tuples(
        st.integers(0, 400), st.integers(0, 3), st.sampled_from(["", " ", "\t", "\n", *"-:#[]{},&*!|>'\"?%x~", "<<: "])
    ),
    min_size=1,
    max_size=3,
)


@THOROUGH
@given(pipelines(), SCRATCHES, ROLES)
def test_a_damaged_file_is_refused_or_keeps_its_bytes(
    source: Source, scratches: list[tuple[int, int, str]], roles: list[StageRole]
) -> None:
    text = source.content.decode()
    for place, length, mark in scratches:
        text = text[:place] + mark + text[place + length :]
    content = text.encode()
    result = spliced_or_refused(content, roles)
    if isinstance(result, WizardError):
        assert (result.code, "line " in result.message) == ("ci-file-not-editable", True)
        return
    assert remove(result.after, result.insertions) == content
    if not is_readable(content):
        return
    old, new = documents(content)[-1] or {}, documents(result.after)[-1]
    assert all(new[key] == old[key] for key in old if key not in {"include", "stages"})
    added = any(OURS.encode() in insertion.text for insertion in result.insertions)
    assert not added or any(map(is_ours, included(new["include"])))


def spliced_or_refused(content: bytes, roles: list[StageRole]) -> Splice | WizardError:
    """Return the splice or the refusal; anything else that is raised fails the test."""
    try:
        return splice(content, OURS, roles)
    except WizardError as refusal:
        return refusal
