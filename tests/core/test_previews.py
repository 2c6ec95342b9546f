"""What stands beside each step, as values: the same for screens and plain prompts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.core.question_states import CI, DOCKERFILE, PROJECT, state
from wizard import flow
from wizard.lookups import Lookups
from wizard.preview import FileText, Option, Preview, Table, as_text
from wizard.previews.project import project_facts
from wizard.question import Draft, Known, ListQuestion
from wizard.questions import STEPS
from wizard.secret import Secret
from wizard.state import (
    ImageState,
    JobTokenScope,
    ProjectState,
    Role,
    SourceState,
    State,
    TagState,
    Unknown,
    VariableState,
)

STEP = {step.key: step for step in STEPS}
BUILDABLE = {"Dockerfile": DOCKERFILE, ".gitlab-ci.yml": CI}
CLEANING = {"registry": {"cleanup": {"enabled": True, "keep": 1, "older_than": "7d"}}}
TAGS = (TagState("latest"), TagState("new", date(2026, 11, 20)), TagState("old", date(2026, 1, 1)))
BASE = ProjectState(**{
    **{name: getattr(PROJECT, name) for name in ProjectState.__dataclass_fields__}, "id": 20, "path": "platform/base"
})  # fmt: skip


def beside(step: str, document: Mapping[str, Any], found: State) -> Preview:
    preview = flow.preview(STEP[step], None, Known(Draft(document), found))
    assert preview is not None
    return preview


def told(step: str, document: Mapping[str, Any], found: State) -> str:
    return as_text(beside(step, document, found))


def table(preview: Preview) -> tuple[tuple[str, ...], ...]:
    return next(part.rows for part in preview.parts if isinstance(part, Table))


class TestTags:
    def test_what_is_removed_comes_first_each_tag_with_its_reason(self) -> None:
        images = (ImageState("acme/team/app", TAGS), ImageState("acme/team/app/tools", (TagState("x"),)))
        preview = beside("registry", CLEANING, state(images=images))
        assert table(preview) == (
            ("- remove", "old", "326 days", "no rule keeps it"),
            ("= keep", "latest", "", "latest is never removed"),
            ("= keep", "new", "3 days", "one of the 1 newest"),
            ("= keep", "tools:x", "", "one of the 1 newest"),
        )
        assert "1 of 4 tags would be removed, 3 would stay." in as_text(preview)
        assert "The age of 2 is not known" in as_text(preview)

    @pytest.mark.parametrize(
        ("images", "words"),
        [
            (None, "Reading the tags"),
            (Unknown("403 Forbidden"), "cannot be read, so nothing can be told about them: 403 Forbidden"),
            ((), "There is no image in the registry yet"),
        ],
    )
    def test_what_could_not_be_read_is_never_told_as_nothing(self, images: Any, words: str) -> None:
        assert words in told("registry", CLEANING, state(images=images))

    def test_a_pattern_that_is_not_tried_is_named_by_its_question(self) -> None:
        document = {"registry": {"cleanup": {"enabled": True, "remove": "(a+)+"}}}
        assert "Which tags may be deleted?" in told("registry", document, state(images=(ImageState("a", TAGS),)))

    def test_an_answer_of_another_step_that_is_incomplete_hides_nothing(self) -> None:
        document = {**CLEANING, "deploy": {"kubernetes": {}}}
        assert "would be removed" in told("registry", document, state(images=(ImageState("a", TAGS),)))

    def test_tags_are_looked_up_only_for_a_policy(self) -> None:
        assert flow.lookups(STEP["registry"], Known(Draft(), state())) == Lookups()
        assert flow.lookups(STEP["registry"], Known(Draft(CLEANING), state())) == Lookups(images=True)
        assert flow.lookups(STEP["registry"], Known(Draft(CLEANING), state(images=()))) == Lookups()
        assert flow.preview(STEP["registry"], None, Known(Draft(), state())) is None


class TestSharedImages:
    listing = next(asked for asked in STEP["pull"].questions if isinstance(asked, ListQuestion))
    item: Mapping[str, Any] = {"project": "platform/base", "image": "python:3.14", "as": "base"}  # never changed

    def beside(self, source: SourceState | None, item: Mapping[str, Any] | None = None) -> Preview:
        sources = {"platform/base": source} if source else {}
        known = Known(Draft(), state(BUILDABLE, sources=sources), item=item or self.item)
        preview = flow.preview(STEP["pull"], self.listing, known)
        assert preview is not None
        return preview

    def test_both_ways_stand_beside_each_other_with_reasons_lifetime_and_what_breaks_them(self) -> None:
        preview = self.beside(SourceState("platform/base", BASE, JobTokenScope(enabled=True), ()))
        options = next(part for part in preview.parts if isinstance(part, tuple))
        assert all(isinstance(option, Option) for option in options)
        assert [option.name for option in options] == ["by job token", "by deploy token"]
        for option in options:
            assert {"lasts", "for it", "breaks when"} == {name for name, _ in option.points}
        text = as_text(preview)
        assert "Your role there: Maintainer." in text
        assert "This project is not on its allowlist yet." in text
        assert "Recommended: by job token, nothing to store, nothing that expires." in text

    def test_the_chosen_way_comes_first_and_is_not_called_recommended(self) -> None:
        source = SourceState("platform/base", BASE, JobTokenScope(enabled=True), ())
        text = as_text(self.beside(source, {**self.item, "with": "deploy-token"}))
        assert "Chosen: by deploy token" in text
        assert text.index("by deploy token:") < text.index("by job token:")

    @pytest.mark.parametrize(
        ("source", "words"),
        [
            (None, "Looking at platform/base"),
            (SourceState("platform/base", None), "404 for this project: it is missing, or not yours to see"),
            (SourceState("platform/base", None, Unknown("no answer")), "cannot be read: no answer"),
            (SourceState("platform/base", BASE, Unknown("403")), "whether this project is on it is not known"),
            (SourceState("platform/base", BASE, JobTokenScope(enabled=True, projects={10: "x"})), "already"),
            (SourceState("platform/base", BASE, JobTokenScope(enabled=False)), "The list is not enforced there"),
            (
                SourceState("platform/base", replace(BASE, role=Role.REPORTER), JobTokenScope(enabled=True)),
                "Your role there: Reporter. A Maintainer there has to make the change",
            ),
            (
                SourceState("platform/base", replace(BASE, registry_access="disabled"), JobTokenScope(enabled=True)),
                "registry is switched off",
            ),
            (SourceState("platform/base", replace(BASE, visibility="public")), "nothing is needed"),
            (SourceState("platform/base", replace(BASE, id=10)), "This is the project itself"),
        ],
    )
    def test_every_state_of_the_other_project_is_told(self, source: SourceState | None, words: str) -> None:
        assert words in as_text(self.beside(source))

    def test_a_question_of_the_item_shows_it_too(self) -> None:
        known = Known(Draft(), state(BUILDABLE), item=self.item)
        preview = flow.preview(STEP["pull"], self.listing.item[-2], known)
        assert preview is not None
        assert "Looking at platform/base" in as_text(preview)

    def test_found_and_listed_projects_are_looked_up(self) -> None:
        known = Known(Draft({"pull": [{"project": "a/b"}]}), state(BUILDABLE))
        assert flow.lookups(STEP["pull"], known).sources == ("a/b", "platform/base", "platform/lint")
        typed = replace(known, item={"project": "typed/now", "image": ""})
        assert flow.item_lookups(self.listing, typed).sources == ("typed/now",)
        assert flow.item_lookups(self.listing, replace(known, item={"project": "no path"})) == Lookups()


class TestAuthConfig:
    HELD = Secret('{"auths": {"old.test": {"auth": "dTpzM2NyM3Q="}, "both.test": {"auth": "dTpzM2NyM3Q="}}}')
    ANSWERS: Mapping[str, Any] = {  # never changed
        "docker_auth": [
            {"host": "new.test", "username": "n", "password": "env:N"},
            {"host": "both.test", "absent": True},
        ]
    }

    def test_what_is_there_and_what_is_answered_stand_in_one_table(self) -> None:
        found = state(variables=(VariableState("DOCKER_AUTH_CONFIG", masked=True, value=self.HELD),))
        preview = beside("docker_auth", self.ANSWERS, found)
        assert table(preview) == (
            ("old.test", "u", "is there and stays"),
            ("new.test", "n", "is added"),
            ("both.test", "u", "is taken out"),
        )
        assert "s3cr3t" not in as_text(preview)

    @pytest.mark.parametrize(
        ("variables", "words"),
        [
            ((), "No log-in is stored yet"),
            (Unknown("403 Forbidden"), "cannot be read: 403 Forbidden"),
            ((VariableState("DOCKER_AUTH_CONFIG", hidden=True),), "hidden: GitLab shows its value to nobody"),
            ((VariableState("DOCKER_AUTH_CONFIG", value=Secret("nonsense")),), "cannot be read as log-ins"),
        ],
    )
    def test_what_cannot_be_read_is_said(self, variables: Any, words: str) -> None:
        assert words in told("docker_auth", {}, state(variables=variables))


class TestFiles:
    def test_the_dockerfile_that_is_there_and_the_names_of_the_image(self) -> None:
        preview = beside("build", {}, state(BUILDABLE))
        assert FileText("Dockerfile", DOCKERFILE.decode()) in preview.parts
        assert table(preview)[1] == ("main", "moves with the branch main")
        assert "registry.example.com/acme/team/app" in as_text(preview)

    def test_the_dockerfile_that_would_be_written(self) -> None:
        preview = beside("build", {}, state({"go.mod": b"module x\n\ngo 1.25\n", "main.go": b"package main\n"}))
        text = next(part.text for part in preview.parts if isinstance(part, FileText))
        assert text.startswith("# Generated by registry-wizard")
        assert "golang" in text

    @pytest.mark.parametrize(
        ("build", "words"),
        [
            ({"enabled": True, "generate_dockerfile": False}, "the build would fail"),
            ({"enabled": True, "stack": "ruby"}, "the root of the repository holds no such project"),
            ({"enabled": True, "stack": "auto"}, "it is not clear what kind of project this is"),
        ],
    )
    def test_why_there_would_be_no_dockerfile(self, build: Mapping[str, Any], words: str) -> None:
        assert words in told("build", {"build": build}, state({"package.json": b"{}", "go.mod": b"module x"}))

    def test_the_manifests_begin_with_the_deployment(self) -> None:
        environment = {"name": "qa", "namespace": "app-qa", "agent": "a/b:c"}
        document = {"deploy": {"kubernetes": {"environments": [environment]}}}
        paths = [part.path for part in beside("deploy", document, state(BUILDABLE)).parts if isinstance(part, FileText)]
        assert paths[0] == "k8s/base/deployment.yaml"
        assert "k8s/overlays/qa/kustomization.yaml" in paths

    def test_without_an_environment_the_manifests_wait(self) -> None:
        document: Mapping[str, Any] = {"deploy": {"kubernetes": {}}}
        assert "once there is an environment" in told("deploy", document, state(BUILDABLE))
        assert flow.preview(STEP["deploy"], None, Known(Draft(), state(BUILDABLE))) is None


class TestVariables:
    def test_every_variable_that_will_exist_with_flags_and_where_it_comes_from(self) -> None:
        document: Mapping[str, Any] = {
            "registry": {
                "target": "external",
                "external": {"host": "h.test", "repository": "a", "username": "u", "password": "env:P"},
            },
            "variables": [{"key": "LEVEL", "value": "m4rker-plain", "masked": False}, {"key": "OLD", "absent": True}],
            "pull": [{"project": "not/read"}],
        }
        preview = beside("variables", document, state(BUILDABLE))
        assert table(preview) == (
            ("+ new", "DOCKER_REGISTRY", "all", "plain", "the other registry"),
            ("+ new", "DOCKER_REGISTRY_USER", "all", "plain", "the other registry"),
            ("+ new", "DOCKER_REGISTRY_PASS", "all", "masked, hidden", "the other registry"),
            ("+ new", "LEVEL", "all", "plain", "your answer"),
            ("- removed", "OLD", "all", "", "your answer"),
        )

    def test_a_value_that_was_typed_unseen_is_counted_and_not_shown(self) -> None:
        document = {"variables": [{"key": "DSN", "value": Secret("m4rker-typed")}]}
        preview = beside("variables", document, state(BUILDABLE))
        assert table(preview)[0] == ("+ new", "DSN", "all", "masked, hidden", "your answer")
        assert "m4rker" not in as_text(preview)

    def test_what_nobody_names_stays(self) -> None:
        assert table(beside("variables", {}, state(BUILDABLE))) == (
            ("= stays", "OLD", "all", "masked, protected, expanded, file", ""),
        )

    def test_variables_that_cannot_be_read_are_said(self) -> None:
        assert "cannot be read: 403" in told("variables", {}, state(variables=Unknown("403")))
        assert "There are none" in told("variables", {}, state(variables=()))


class TestProject:
    def test_what_is_there_in_plain_words(self) -> None:
        found = state(BUILDABLE, protected_branches=("main", "release/*"), protected_tags=Unknown("403"))
        assert table(beside("project", {}, found)) == (
            ("your role", "Maintainer"),
            ("visibility", "private"),
            ("registry", "on, as visible as the project"),
            ("protected branches", "main, release/*"),
            ("protected tags", "not known: your role may not read them"),
            ("pipeline", ".gitlab-ci.yml is there; its jobs stay as they are"),
            ("to build", "Dockerfile"),
        )

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"role": Role.REPORTER}, "Your role is Reporter: a plan can be made; a Maintainer has to apply it"),
            ({"role": 0}, "Your role is none"),
            ({"archived": True}, "Unarchive it first"),
            ({"ci_enabled": False}, "CI/CD is switched off"),
            ({"image_prefix": None}, "no container registry"),
            ({"empty": True}, "push a first commit"),
        ],
    )
    def test_what_is_missing_to_go_on_comes_first(self, changed: Mapping[str, Any], words: str) -> None:
        found = state(project=replace(PROJECT, **changed))
        first = beside("project", {}, found).parts[0]
        assert isinstance(first, str)
        assert words in first

    @pytest.mark.parametrize(("clone_of", "words"), [("acme/other", "a clone of acme/other"), (None, "no clone of it")])
    def test_files_of_another_project_are_not_told_as_those_of_this_one(self, clone_of: str | None, words: str) -> None:
        text = as_text(project_facts(state(BUILDABLE), clone_of))
        assert words in text
        assert "Dockerfile" not in text
        assert "Dockerfile" in as_text(project_facts(state(BUILDABLE), "Acme/Team/App"))

    def test_a_token_that_may_only_read_is_told(self) -> None:
        found = state()
        found = replace(found, identity=replace(found.identity, scopes=("read_api",)))
        assert "no scope `api`" in told("project", {}, found)


def test_a_preview_reads_as_lines() -> None:
    preview = Preview(
        "Title",
        ("Said.", Table(("", "tag"), (("- remove", "a"), ("= keep", ""))), FileText("f", "x\n\ny"),
         (Option("way", (("lasts", "long"),)),)),
    )  # fmt: skip
    assert as_text(preview).splitlines() == [
        "Title", "Said.", "  - remove; tag a", "  = keep", "f:", "    x", "", "    y", "way:", "  lasts: long",
    ]  # fmt: skip
