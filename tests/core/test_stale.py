"""The world moves between plan and apply: it is left alone, unless it moved to what is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.core.live import (
    ANSWERS,
    APP,
    BASE,
    FILES,
    PULL_TOKEN,
    TOOLS,
    Setup,
    comparable,
    in_settings,
    pending,
    served_project,
    status,
    stored,
    working_tokens,
)
from tests.core.states import answers_of
from wizard.sandbox.schema import DeployToken, Protection
from wizard.sandbox.server import Sandbox

Move = Callable[[Any], None]


def set_(**fields: Any) -> Move:
    """Somebody changes the project meanwhile."""

    def move(project: Any) -> None:
        for name, value in fields.items():
            setattr(project, name, value)

    return move


def with_variable(key: str, **fields: Any) -> Move:
    """Somebody creates, changes (or with `gone` deletes) a variable meanwhile."""

    def move(project: Any) -> None:
        others = [row for row in project.variables if (row.key, row.environment_scope) != (key, "*")]
        found = [row for row in project.variables if row not in others]
        if not fields.get("gone"):
            kind = type(project.variables[0])
            others.append(kind(key=key, **{"value": found[0].value if found else "", **fields}))
        project.variables[:] = others

    return move


def with_policy(**fields: Any) -> Move:
    def move(project: Any) -> None:
        for name, value in fields.items():
            setattr(project.cleanup_policy, name, value)

    return move


def with_rule(**fields: Any) -> Move:
    return lambda project: project.repository_protection.append(Protection(id=9, pattern=APP, **fields))


_POLICY = {"enabled": True, "cadence": "7d", "keep_n": 5, "older_than": "30d", "name_regex_keep": "v.*"}
_LEVEL = {"variables": [{"key": "LEVEL", "value": "debug", "masked": False}]}
_NEW = {"variables": [{"key": "NEW", "value": "x", "masked": False}]}
_DSN = {"variables": [{"key": "SENTRY_DSN", "value": "env:DSN"}]}
_GONE = {"variables": [{"key": "OLD", "absent": True}]}
_VISIBLE = {"registry": {"visibility": "private"}}
_CLEAN = {"registry": {"cleanup": ANSWERS["registry"]["cleanup"]}}
_RULE = {"registry": {"protect": {"push": "maintainer", "delete": "owner"}}}

MOVED: Mapping[str, tuple[Mapping[str, Any], Move]] = {
    "registry switched off": (_VISIBLE, set_(registry="disabled")),
    "policy changed": (_CLEAN, with_policy(cadence="1month")),
    "rule made otherwise": (_RULE, with_rule(push="owner")),
    "variable appeared": (_NEW, with_variable("NEW", value="theirs")),
    "hidden variable appeared": (
        _DSN,
        with_variable("SENTRY_DSN", value="a-long-value", masked=True, hidden=True, raw=True),
    ),
    "variable deleted": (_LEVEL, with_variable("LEVEL", gone=True)),
    "variable's flags changed": (_LEVEL, with_variable("LEVEL", raw=True, protected=True)),
    "doomed variable became protected": (_GONE, with_variable("OLD", masked=True, protected=True)),
}
ALREADY: Mapping[str, tuple[Mapping[str, Any], Move]] = {
    "registry": (_VISIBLE, set_(registry="private")),
    "policy": (_CLEAN, with_policy(**_POLICY)),
    "rule": (_RULE, with_rule(push="maintainer", delete="owner")),
    "variable": (_NEW, with_variable("NEW", value="x", raw=True)),
    "changed variable": (_LEVEL, with_variable("LEVEL", value="debug", raw=True)),
    "doomed variable": (_GONE, with_variable("OLD", gone=True)),
}


class TestBetweenPlanAndApply:
    def moving(self, box: Sandbox, setup: Setup, answers: Mapping[str, Any], move: Move) -> tuple[str, int]:
        setup.answers = answers_of(answers)
        session = setup.session()
        plan = setup.plan(session)
        assert len(in_settings(pending(plan))) == 1
        move(served_project(box))
        before = comparable(box)
        ran = setup.apply(session, plan)
        if ran.finished.exit:
            assert comparable(box) == before
            assert ran.named("change-failed")[0]["code"] == "moved"
        else:
            assert ran.named("change-done")[0]["result"] == "already"
        return ran.ending

    @pytest.mark.parametrize("name", MOVED)
    def test_a_world_that_moved_is_left_alone(self, box: Sandbox, setup: Setup, name: str) -> None:
        assert self.moving(box, setup, *MOVED[name]) == ("failed", 4)

    @pytest.mark.parametrize("name", ALREADY)
    def test_a_world_that_moved_to_what_is_wanted_is_fine(self, box: Sandbox, setup: Setup, name: str) -> None:
        assert self.moving(box, setup, *ALREADY[name]) == ("done", 0)

    @pytest.mark.parametrize("name", ["variable appeared", "variable deleted", "registry switched off"])
    def test_after_other_changes_it_stops_partway(self, box: Sandbox, setup: Setup, name: str) -> None:
        answers, move = MOVED[name]
        pull = {"pull": [{"project": TOOLS, "image": "lint:1", "with": "job-token"}]}
        setup.answers = answers_of({**answers, **pull})
        session = setup.session()
        plan = setup.plan(session)
        move(served_project(box))
        first = next(iter(pending(plan)))
        expected = ("failed", 4) if first.startswith("registry") else ("failed", 3)
        assert setup.apply(session, plan).ending == expected

    def test_a_deploy_token_of_that_name_appeared(self, box: Sandbox, setup: Setup) -> None:
        setup.answers = answers_of({"pull": [{"project": TOOLS, "image": "lint:1", "with": "deploy-token"}]})
        session = setup.session()
        plan = setup.plan(session)
        served_project(box, TOOLS).deploy_tokens.append(DeployToken(id=99, name=PULL_TOKEN, token="gldt-x"))
        assert setup.apply(session, plan).ending == ("failed", 4)
        assert [token["id"] for token in working_tokens(box, TOOLS, PULL_TOKEN)] == [99]

    def test_an_allowlist_that_became_full(self, box: Sandbox, setup: Setup) -> None:
        setup.answers = answers_of({"pull": [{"project": BASE, "image": "python:3.14", "with": "job-token"}]})
        session = setup.session()
        plan = setup.plan(session)
        box.world.state.instance.limits.allowlist = 1
        assert setup.apply(session, plan).ending == ("failed", 4)

    @pytest.mark.parametrize("enforce", [False, True])
    def test_an_entry_and_a_switch_that_somebody_made_meanwhile(
        self, box: Sandbox, setup: Setup, enforce: bool
    ) -> None:
        pull = {"project": BASE, "image": "python:3.14", "with": "job-token", "enforce": enforce}
        setup.answers = answers_of({"pull": [pull]})
        session = setup.session()
        plan = setup.plan(session)
        scope = served_project(box, BASE).job_token_scope
        scope.projects.append(APP)
        scope.enabled = True
        ran = setup.apply(session, plan)
        assert ran.ending == ("done", 0)
        assert {event["result"] for event in ran.named("change-done")} == {"already"}

    @pytest.mark.parametrize(("content", "ending"), [(b"theirs\n", ("failed", 4)), (None, ("done", 0))])
    def test_a_file_that_appeared(self, building: Setup, content: bytes | None, ending: tuple[str, int]) -> None:
        building.answers = answers_of({"build": {"tags": ["branch"]}})
        session = building.session()
        plan = building.plan(session)
        assert {found.kind for found in plan.pending} == {"file"}
        path = ".gitlab/ci/registry.gitlab-ci.yml"
        assert building.work_tree is not None
        place = building.work_tree / path
        if content:
            place.parent.mkdir(parents=True)
            place.write_bytes(content)
        ran = building.apply(session, plan)
        assert ran.ending == ending
        if content:
            assert status(building.work_tree) == "?? .gitlab/\n"
            assert place.read_bytes() == content

    def test_a_branch_that_moved(self, box: Sandbox, setup: Setup) -> None:
        served_project(box).files.update(FILES)
        setup.work_tree = None
        answers = {"build": {"tags": ["branch"]}, "delivery": {"mode": "branch", "branch": "setup"}}
        setup.answers = answers_of(answers)
        session = setup.session()
        plan = setup.plan(session)
        api = session._api
        commit = {"branch": "setup", "start_branch": "main", "commit_message": "theirs",
                  "actions": [{"action": "create", "file_path": "x", "content": "y"}]}  # fmt: skip
        api.send("post", "/projects/10/repository/commits", commit)
        api.writes = 0
        assert setup.apply(session, plan).ending == ("failed", 4)
        assert stored(box)["branches"]["setup"]["files"] == {"x": "y"}
