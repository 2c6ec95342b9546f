"""Items of lists, and what typed texts mean as answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.every_question import ALL, listing, question
from tests.core.question_states import CI, DOCKERFILE, state
from wizard import flow
from wizard.question import NULL, SET_UP, UNMANAGED, Draft, Known
from wizard.replies import Problem, parse


class TestItems:
    def test_images_that_the_repository_names_are_suggested(self) -> None:
        known = Known(Draft(), state({"Dockerfile": DOCKERFILE, ".gitlab-ci.yml": CI}))
        pulls = flow.suggestions(listing("pull"), known)
        assert pulls == (
            {"project": "platform/base", "image": "python:3.14", "as": "base"},
            {"project": "platform/lint", "image": ":2", "as": "job"},
        )
        assert flow.suggestions(listing("docker_auth"), known) == ({"host": "harbor.example.com"},)
        known = replace(known, draft=flow.with_items(known, listing("pull"), pulls))
        assert flow.suggestions(listing("pull"), known) == ()

    @pytest.mark.parametrize(
        ("key", "item", "expected"),
        [
            ("pull", {"project": "a/b"}, ["project", "absent", "image", "as", "with", "enforce"]),
            ("pull", {"project": "a/b", "absent": True}, ["project", "absent"]),
            ("pull", {"project": "a/b", "with": "deploy-token"}, ["project", "absent", "image", "as", "with"]),
            ("docker_auth", {"host": "h", "absent": True}, ["host", "absent"]),
            ("mirror", {"to": "ecr"}, ["to", "registry", "repository", "region", "role", "when"]),
            ("mirror", {"to": "gar"}, ["to", "registry", "repository", "audience", "service_account", "when"]),
            ("mirror", {"to": "acr"}, ["to", "registry", "repository", "client_id", "tenant_id", "when"]),
            *(
                ("mirror", {"to": kind}, ["to", "registry", "repository", "username", "password", "when"])
                for kind in ("dockerhub", "harbor", "gitlab", "generic")
            ),
            ("variables", {"key": "A", "absent": True}, ["key", "scope", "absent"]),
            (
                "variables",
                {"key": "A", "masked": False},
                ["key", "scope", "absent", "masked", "value", "protected", "raw", "type", "description"],
            ),
        ],
    )
    def test_only_what_applies_to_an_item_is_asked(self, key: str, item: dict[str, Any], expected: list[str]) -> None:
        known = Known(Draft(), item=item)
        assert [found.key for found in flow.item_flow(listing(key), known)] == expected

    def test_an_item_keeps_only_what_differs_from_the_format(self) -> None:
        known = Known(Draft(), item={"key": "SENTRY_DSN"})
        assert flow.settled_item(listing("variables"), known) == {
            "key": "SENTRY_DSN",
            "hidden": True,
            "value": "env:SENTRY_DSN",
        }

    def test_an_existing_variable_gives_the_defaults(self) -> None:
        known = Known(Draft(), state(), item={"key": "OLD"})
        item = flow.settled_item(listing("variables"), known)
        assert item == {"key": "OLD", "hidden": False, "value": "env:OLD", "protected": True, "type": "file"}

    def test_an_answer_of_an_item_does_not_touch_the_draft(self) -> None:
        known = Known(Draft({"project": "a/b"}), item={"project": "c/d"})
        assert flow.answer_item(known, question("pull.as"), "job") == {"project": "c/d", "as": "job"}
        assert known.draft.get("project") == "a/b"

    @pytest.mark.parametrize(
        ("key", "items", "words"),
        [
            ("docker_auth", [{"host": "h", "absent": True}] * 2, "stands here twice"),
            ("variables", [{"key": "A", "value": "ask"}] * 2, "same key and scope"),
            ("variables", [{"key": "B", "value": "ask"}, {"key": "CI_A", "value": "ask"}], "GitLab's own"),
            ("deploy.kubernetes.environments", [{"name": "a"}] * 2, "stands here twice"),
        ],
    )
    def test_an_item_that_cannot_stand_is_told(self, key: str, items: list[dict[str, Any]], words: str) -> None:
        assert words in (flow.item_problem(listing(key), items, 1) or "")
        assert flow.item_problem(listing(key), items[:1], 0) is None

    def test_words_that_are_also_choices_stay_texts(self) -> None:
        known = Known(Draft(), item={"key": "A"})
        for text in (UNMANAGED, SET_UP):
            assert flow.answer_item(known, question("variables.description"), text)["description"] == text


class TestReplies:
    @pytest.mark.parametrize(
        ("key", "text", "value"),
        [
            ("registry.target", "2", "external"),
            ("registry.target", "another registry", "external"),
            ("registry.target", "GITLAB", "gitlab"),
            ("registry.target", " ", None),
            ("registry.cleanup.keep", "1", 10),
            ("registry.cleanup.keep", "7", NULL),
            ("registry.cleanup.keep", "100", 100),
            ("build.tags", "1, 4", ["branch", "iid"]),
            ("build.tags", "latest latest", ["latest"]),
            ("build.tags", "none", []),
            ("build.generate_dockerfile", "N", False),
            ("build.generate_dockerfile", "yes", True),
            ("deploy.kubernetes.app.port", " 80 ", 80),
            ("deploy.kubernetes.app.health_path", "/up", "/up"),
            ("registry.external.password", "ask", "ask"),
        ],
    )
    def test_a_typed_text_becomes_an_answer(self, key: str, text: str, value: Any) -> None:
        assert parse(question(key), text, Known(Draft())) == value

    @pytest.mark.parametrize(
        ("key", "text", "words"),
        [
            ("registry.target", "3", "type a number from 1 to 2"),
            ("registry.target", "0", "type a number from 1 to 2"),
            ("registry.external.host", "", "an answer is needed here"),
            ("registry.external.host", "https://x", "without a scheme"),
            ("registry.external.password", "hunter2", "name where the secret is"),
            ("deploy.kubernetes.app.port", "http", "must be a number from 1 to 65535"),
            ("deploy.kubernetes.app.port", "70000", "must be a number from 1 to 65535"),
            ("build.platforms", "none", "at least one is needed"),
            ("build.platforms", "windows", "type a number from 1 to 7, several with commas between"),
            ("build.generate_dockerfile", "maybe", "type y for yes or n for no"),
            ("variables.key", "CI_X", "GitLab's own"),
            ("variables.key", "A-B", "letters, digits and '_'"),
            ("variables.value", "plain", "name where the secret is"),
            ("mirror.registry", "docker.io", "ACCOUNT.dkr.ecr"),
        ],
    )
    def test_a_text_that_is_no_answer_is_explained(self, key: str, text: str, words: str) -> None:
        problem = parse(question(key), text, Known(Draft()))
        assert isinstance(problem, Problem)
        assert words in problem.message

    @given(st.sampled_from([name for name, _ in ALL]), st.text(max_size=30))
    @settings(max_examples=150, deadline=None)
    def test_whatever_is_typed_the_answers_stay_readable(self, key: str, text: str) -> None:
        known = Known(Draft())
        asked = question(key)
        value = parse(asked, text, known)
        if isinstance(value, Problem) or value is None:
            return
        item = flow.listing_of(asked)
        if item is None:
            flow.settled(replace(known, draft=flow.apply_answer(known, asked, value)))
        else:
            flow.settled_item(item, replace(known, item=flow.answer_item(known, asked, value)))
