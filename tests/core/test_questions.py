"""The questions: every answer can be given by one, defaults come from what is known, and going back loses nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.core.every_question import ALL, EVERY, PLAIN, answered, keys, listing, question
from tests.core.question_states import CI, DOCKERFILE, PROJECT, state
from wizard import flow
from wizard.answer_keys import named
from wizard.answer_words import choices_of as choices_of_the_format
from wizard.answers_file import answers_of, check, document_of, draft_of, example, schema
from wizard.changes.project_settings import wanted_policy
from wizard.question import NULL, SET_UP, UNMANAGED, Draft, Known, Question
from wizard.questions import STEPS
from wizard.replies import parse, written
from wizard.state import Unknown

SCHEMA = schema()


def leaves(part: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Yield the dotted leaf keys of the schema, positions in lists left out."""
    if "$ref" in part:
        part = SCHEMA["$defs"][part["$ref"].rpartition("/")[2]]
    if "items" in part and ("$ref" in part["items"] or "oneOf" in part["items"]):
        yield from leaves(part["items"], path)
    elif "properties" in part:
        for key, inner in part["properties"].items():
            yield from leaves(inner, f"{path}.{key}" if path else key)
    else:
        sections = [inner for inner in part.get("anyOf", part.get("oneOf", [])) if "$ref" in inner]
        for inner in sections:
            yield from leaves(inner, path)
        if not sections:
            yield path


def test_every_leaf_key_of_the_answers_is_asked_and_nothing_else() -> None:
    sections = {found.key for found in PLAIN if found.section == found.key}
    assert {name for name, _ in ALL} - sections | {"registry.visibility"} == set(leaves(SCHEMA)) - {"version"}
    assert "mirror.tenant_id" in set(leaves(SCHEMA))


def test_questions_and_steps_are_named_once() -> None:
    assert len({found.key for found in STEPS}) == len(STEPS)
    assert len({found.key for found in EVERY}) == len(EVERY)


@pytest.mark.parametrize(("name", "asked"), ALL, ids=[name for name, _ in ALL])
def test_a_question_says_in_a_sentence_or_two_what_it_changes(name: str, asked: Question) -> None:
    assert asked.text.endswith("?")
    assert 20 < len(asked.help) < 330
    assert asked.help.endswith(".")


STATES = [
    None,
    state(),
    state({"Dockerfile": DOCKERFILE, ".gitlab-ci.yml": CI}),
    state({"package.json": b"{}", "go.mod": b"module x"}),
]


@pytest.mark.parametrize(("name", "asked"), ALL, ids=[name for name, _ in ALL])
def test_choices_are_those_of_the_format(name: str, asked: Question) -> None:
    if asked.form != "choice":
        return
    allowed = set(choices_of_the_format(named(name))) or {"True", "False"}
    if name == "mirror.to":
        allowed = {str(choice.value) for choice in asked.choices(Known(Draft()))}
        assert len(allowed) == 7
    if name == "deploy":
        allowed = set()
    known = Known(Draft())
    offered = {str(choice.value) for choice in asked.choices(known) if choice.value not in (NULL, UNMANAGED, SET_UP)}
    assert offered == allowed


@pytest.mark.parametrize("found", STATES, ids=["nothing", "empty", "dockerfile", "two stacks"])
def test_defaults_fit_the_format_and_come_first(found: Any) -> None:
    known = Known(Draft(), found)
    for name, asked in ALL:
        default = flow.default_of(asked, known)
        choices = flow.choices_of(asked, known)
        if asked.form == "choice":
            assert choices[0].value == default, name
        elif default is not None and asked.form != "confirm":
            assert parse(asked, written(default), known) in (default, list(default) if asked.form == "many" else ()), (
                name
            )


@pytest.mark.parametrize("found", STATES, ids=["nothing", "empty", "dockerfile", "two stacks"])
def test_leaving_everything_alone_gives_answers_that_can_be_used(found: Any) -> None:
    answers = answers_of(flow.settled(Known(Draft(), found)))
    assert answers.registry is not None
    assert answers.registry.cleanup is None
    assert answers.registry.protect is None
    assert answers.deploy is None
    assert answers.variables == ()


def test_an_answers_file_comes_through_the_questions_unchanged() -> None:
    text = example().replace("target: gitlab", "target: gitlab #")
    answers, _ = check(text)
    assert answers is not None
    document = document_of(answers)
    del document["registry"]["external"]  # not asked for with GitLab's own registry
    settled = answers_of(flow.settled(Known(draft_of(document))))
    assert answers_of(draft_of(document)) == settled


class TestRegistry:
    def test_external_hides_what_is_gitlabs_own(self) -> None:
        known = answered(Known(Draft()), registry__visibility="private", registry__target="external")
        assert keys(known, "registry") == [
            "registry.target",
            *(f"registry.external.{key}" for key in ("host", "repository", "username", "password")),
        ]
        known = answered(known, registry__external__host="h.example", registry__external__username="u")
        known = answered(known, registry__external__repository="a")
        registry = answers_of(flow.settled(known)).registry
        assert registry is not None
        assert registry.visibility is None
        assert registry.external is not None
        assert registry.external.password == "env:REGISTRY_PASSWORD"

    def test_the_tags_that_are_kept_stand_there_before_anybody_types(self) -> None:
        known = Known(Draft(), state(project=replace(PROJECT, default_branch="Main/2.x")))
        known = answered(known, registry__cleanup__enabled=True)
        kept = r"(?:latest|main-2-x|v?[0-9]+\.[0-9]+.*|sha256-.*)"
        assert flow.value_of(question("registry.cleanup.retain"), known) == kept
        # Left to the plan, which follows a default branch that is renamed.
        assert "retain" not in flow.settled(known).document["registry"]["cleanup"]
        cleanup = answers_of(flow.settled(known)).registry.cleanup  # type: ignore[union-attr]  # asked
        assert cleanup is not None
        assert wanted_policy(cleanup, "Main/2.x")["name_regex_keep"] == kept

    def test_back_to_gitlab_finds_the_typed_answers_again(self) -> None:
        known = answered(Known(Draft()), registry__visibility="private", registry__target="external")
        known = answered(known, registry__target="gitlab")
        assert flow.value_of(question("registry.visibility"), known) == "private"

    def test_an_instance_without_registry_recommends_another_one(self) -> None:
        known = Known(Draft(), state(project=replace(PROJECT, image_prefix=None)))
        assert flow.default_of(question("registry.target"), known) == "external"
        assert "registry.external.host" in keys(known, "registry")

    def test_leaving_a_section_alone_is_remembered_and_not_written(self) -> None:
        known = answered(Known(Draft()), registry__cleanup__enabled=True, registry__cleanup__keep=5)
        assert "registry.cleanup.cadence" in keys(known, "registry")
        known = answered(known, registry__cleanup__enabled=UNMANAGED)
        assert flow.given(question("registry.cleanup.enabled"), known) == UNMANAGED
        assert "registry.cleanup.cadence" not in keys(known, "registry")
        assert "cleanup" not in flow.settled(known).document["registry"]

    def test_no_limit_is_an_answer_of_its_own(self) -> None:
        known = answered(Known(Draft()), registry__cleanup__enabled=True, registry__cleanup__keep=NULL)
        assert flow.value_of(question("registry.cleanup.keep"), known) is NULL
        registry = answers_of(flow.settled(known)).registry
        assert registry is not None
        assert registry.cleanup is not None
        assert registry.cleanup.keep is None

    def test_a_limit_needs_at_least_one_level(self) -> None:
        known = answered(Known(Draft()), registry__protect=SET_UP, registry__protect__push=NULL)
        assert NULL not in [choice.value for choice in flow.choices_of(question("registry.protect.delete"), known)]

    def test_removing_is_offered_only_where_something_may_be_there(self) -> None:
        def offered(known: Known, key: str) -> list[Any]:
            return [choice.value for choice in flow.choices_of(question(key), known)]

        assert "none" not in offered(Known(Draft(), state()), "registry.protect")
        assert False not in offered(Known(Draft(), state()), "registry.cleanup.enabled")
        unknown = Known(
            Draft(), state(protection_rules=Unknown("403"), project=replace(PROJECT, cleanup=Unknown("403")))
        )
        assert "none" in offered(unknown, "registry.protect")
        assert False in offered(unknown, "registry.cleanup.enabled")
        assert answers_of(flow.settled(answered(unknown, registry__protect="none"))).registry.protect == "none"  # type: ignore[union-attr]  # asked

    def test_a_section_of_the_file_without_its_switch_is_on(self) -> None:
        known = Known(Draft({"registry": {"cleanup": {"keep": 5}}}))
        assert flow.value_of(question("registry.cleanup.enabled"), known) is True


class TestBuildAndDeploy:
    def test_later_defaults_follow_earlier_answers_until_they_are_typed(self) -> None:
        found = state({"Dockerfile": DOCKERFILE, "web/Dockerfile": b"FROM x\nEXPOSE 9000\n"})
        known = answered(Known(Draft(), found), deploy=SET_UP)
        port = question("deploy.kubernetes.app.port")
        assert flow.value_of(port, known) == 3000
        known = answered(known, build__dockerfile="web/Dockerfile")
        assert flow.value_of(port, known) == 9000
        known = answered(known, deploy__kubernetes__app__port=8000)
        known = answered(known, build__dockerfile="Dockerfile")
        assert flow.value_of(port, known) == 8000
        assert flow.value_of(port, answered(known, deploy__kubernetes__app__port=None)) == 3000

    def test_taking_the_last_answer_back_leaves_the_section_open(self) -> None:
        known = answered(Known(Draft()), deploy=SET_UP, deploy__kubernetes__app__name="x")
        known = answered(known, deploy__kubernetes__app__name=None)
        assert flow.given(question("deploy"), known) == SET_UP
        assert "deploy.kubernetes.app.port" in keys(known, "deploy")

    def test_a_detected_default_is_left_to_detection(self) -> None:
        known = answered(Known(Draft(), state({"Dockerfile": DOCKERFILE})), deploy=SET_UP)
        document = flow.settled(known).document
        assert "project" not in document
        assert document["deploy"]["kubernetes"]["app"] == {"replicas": 2}

    def test_without_a_build_nothing_is_deployed_or_copied(self) -> None:
        known = answered(Known(Draft()), deploy=SET_UP, build__enabled=False)
        assert not {"deploy", "mirror"} & {found.key for found in flow.steps(known)}
        assert answers_of(flow.settled(known)).deploy is None

    def test_a_dockerfile_is_offered_only_where_there_is_none(self) -> None:
        assert "build.generate_dockerfile" in keys(Known(Draft(), state({"go.mod": b"module x"})), "build")
        assert "build.generate_dockerfile" not in keys(Known(Draft(), state({"Dockerfile": DOCKERFILE})), "build")

    def test_runner_tags_are_asked_for_only_where_some_are_known(self) -> None:
        tags = question("build.runner_tags")
        assert "build.runner_tags" not in keys(Known(Draft(), state({"Dockerfile": DOCKERFILE})), "build")
        pipeline = b"a: {script: x, tags: [big]}\nb: {script: x, tags: [big]}\nc: {script: x, tags: [small]}\n"
        known = Known(Draft(), state({"Dockerfile": DOCKERFILE, ".gitlab-ci.yml": pipeline}))
        assert "build.runner_tags" in keys(known, "build")
        assert [choice.value for choice in flow.choices_of(tags, known)] == ["big", "small"]
        assert flow.default_of(tags, known) == ("big",)
        assert "runner_tags" not in flow.settled(known).document["build"]
        assert "build.runner_tags" in keys(answered(Known(Draft()), build__runner_tags=["typed"]), "build")

    def test_nothing_to_build_recommends_leaving_it(self) -> None:
        assert flow.default_of(question("build.enabled"), Known(Draft(), state())) == UNMANAGED

    def test_an_environment_is_filled_in_from_its_name_and_the_agents(self) -> None:
        known = answered(Known(Draft(), state({"Dockerfile": DOCKERFILE})), deploy=SET_UP)
        environments = listing("deploy.kubernetes.environments")
        assert [item["name"] for item in flow.suggestions(environments, known)] == ["staging", "production"]
        items = [
            flow.settled_item(environments, replace(known, item=item)) for item in flow.suggestions(environments, known)
        ]
        assert items == [
            {"name": "staging", "namespace": "app-staging", "agent": "acme/agents:staging"},
            {"name": "production", "namespace": "app", "agent": "acme/agents:production", "when": "manual"},
        ]
        known = replace(known, draft=flow.with_items(known, environments, items))
        assert flow.suggestions(environments, known) == ()
        assert answers_of(flow.settled(known)).deploy is not None

    def test_overlays_that_are_there_name_the_environments(self) -> None:
        files = {"Dockerfile": DOCKERFILE, "k8s/overlays/qa/kustomization.yaml": b"resources: []\n"}
        known = answered(Known(Draft(), state(files)), deploy=SET_UP)
        assert flow.suggestions(listing("deploy.kubernetes.environments"), known) == ({"name": "qa"},)
