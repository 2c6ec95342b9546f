"""Discover, plan, apply, plan again, verify, undo: against the simulated GitLab over real HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.core.http_stub import Says, Stub
from tests.core.live import (
    APP,
    BASE,
    BUILT,
    FILES,
    NOON,
    PULL_TOKEN,
    SECRETS,
    TOKENS,
    TOOLS,
    Setup,
    change,
    comparable,
    in_settings,
    pending,
    served_project,
    status,
    stored,
    variables,
    working_tokens,
)
from tests.core.states import answers_of
from wizard.errors import WizardError
from wizard.output.plan_document import dump
from wizard.sandbox.server import Sandbox

SETTINGS = {
    f"registry:{APP}": "update",
    f"job-token-allowlist:{APP}@{BASE}": "create",
    f"job-token-scope:{BASE}": "update",
    f"deploy-token:{TOOLS}/{PULL_TOKEN}": "create",
    "variable:PULL_TOOLS_CI_USER@*": "create",
    "variable:PULL_TOOLS_CI_TOKEN@*": "create",
    "variable:SENTRY_DSN@*": "create",
    "variable:CA@production": "create",
    "variable:LEVEL@*": "update",
    "variable:DOCKER_AUTH_CONFIG@*": "update",
    "variable:OLD@*": "delete",
    f"cleanup-policy:{APP}": "create",
    f"protection-rule:{APP}": "create",
}
DELIVERED: Mapping[str, Any] = {**BUILT, "delivery": {"mode": "merge-request", "branch": "registry-wizard/setup"}}


def writes(box: Sandbox) -> list[str]:
    """What was asked to be changed."""
    return [f"{call.method} {call.path}" for call in box.world.log if call.method != "GET"]


class TestEverything:
    def test_all_settings_are_made_and_planned_no_more(self, box: Sandbox, setup: Setup) -> None:
        session = setup.session()
        plan = setup.plan(session)
        assert in_settings(pending(plan)) == SETTINGS
        assert writes(box) == []

        ran = setup.apply(session, plan)
        assert ran.ending == ("done", 0)
        assert set(ran.finished.done) == set(pending(plan))
        assert pending(setup.plan(setup.session())) == {}

    def test_every_setting_is_as_it_was_answered(self, box: Sandbox, setup: Setup) -> None:
        session = setup.session()
        setup.apply(session, setup.plan(session))
        app, found = stored(box), variables(box)
        (token,) = working_tokens(box, TOOLS, PULL_TOKEN)
        assert app["registry"] == "private"
        assert app["cleanup_policy"] == {
            "enabled": True, "cadence": "7d", "keep_n": 5, "older_than": "30d",
            "name_regex": ".*", "name_regex_keep": "v.*",
        }  # fmt: skip
        assert [(rule["pattern"], rule["push"], rule["delete"]) for rule in app["repository_protection"]] == [
            (APP, "maintainer", "owner")
        ]
        assert stored(box, BASE)["job_token_scope"] == {
            "enabled": True, "projects": ["acme/team/web", APP], "groups": [],
        }  # fmt: skip
        assert (token["scopes"], token["expires_at"]) == (["read_registry"], "2027-11-24")
        assert {name: (row["value"], row["masked"], row["hidden"], row["raw"]) for name, row in found.items()} == {
            "THEIRS@*": ("untouched", False, False, False),
            "LEVEL@*": ("debug", False, False, True),
            "LEVEL@production": ("warn", False, False, False),
            "SENTRY_DSN@*": (SECRETS["env:DSN"], True, True, True),
            "CA@production": (SECRETS["env:CA"], False, False, True),
            "PULL_TOOLS_CI_USER@*": (token["username"], False, False, True),
            "PULL_TOOLS_CI_TOKEN@*": (token["token"], True, True, True),
            "DOCKER_AUTH_CONFIG@*": (found["DOCKER_AUTH_CONFIG@*"]["value"], True, False, True),
        }
        assert comparable(box)["projects"][0]["variables"][1]["value"] == {
            "auths": {
                "quay.io": {"auth": ("u", "p")},
                "127.0.0.1:1": {"auth": ("robot$ci", SECRETS["env:HARBOR"])},
                "registry.test:5050/tools/ci": {"auth": (f"USER of {PULL_TOKEN}", f"TOKEN of {PULL_TOKEN}")},
            },
            "credHelpers": {},
        }

    def test_the_result_is_proved(self, setup: Setup) -> None:
        session = setup.session()
        ran = setup.apply(session, setup.plan(session))
        assert ran.verified == {
            f"registry:{APP}": True,
            f"job-token-allowlist:{APP}@{BASE}": True,
            f"pull:{BASE}": True,
            f"deploy-token:{TOOLS}/{PULL_TOKEN}": True,
            "variable:DOCKER_AUTH_CONFIG@*": False,
        }
        assert "127.0.0.1:1 cannot be reached" in ran.named("verified")[-1]["message"]

    def test_no_secret_leaves_by_any_door(self, box: Sandbox, setup: Setup) -> None:
        session = setup.session()
        plan = setup.plan(session)
        ran = setup.apply(session, plan)
        made = [token["token"] for token in working_tokens(box, TOOLS, PULL_TOKEN)]
        journal = "".join(path.read_text() for path in setup.journal.rglob("*") if path.is_file())
        told = f"{plan!r}{dump(plan, NOON)}{[event.document() for event in ran.events]!r}{ran.events!r}{journal}"
        told += "".join(call.path for call in box.world.log)
        secrets = [*SECRETS.values(), *made, "old-secret-value", "a-hidden-value", *TOKENS.values()]
        assert [secret for secret in secrets if secret in told] == []

    def test_undo_brings_back_all_but_secrets_that_nobody_knows(self, box: Sandbox, setup: Setup) -> None:
        before = comparable(box)
        session = setup.session()
        setup.apply(session, setup.plan(session))
        undone = setup.undo()
        after = comparable(box)
        assert undone.ending == ("partial", 3)
        assert undone.finished.left == ("variable:OLD@*",)
        for world in (before, after):
            for project in world["projects"]:
                project["variables"] = [row for row in project["variables"] if row["key"] != "OLD"]
        assert after == before
        assert status(setup.work_tree) == ""

    def test_a_set_up_that_loses_nothing_is_undone_to_the_byte(self, box: Sandbox, building: Setup) -> None:
        building.answers = answers_of({**BUILT, "docker_auth": [], "variables": [], "pull": BUILT["pull"][:1]})
        before = comparable(box)
        session = building.session()
        assert building.apply(session, building.plan(session)).ending == ("done", 0)
        assert status(building.work_tree) != ""
        undone = building.undo()
        assert (undone.ending, undone.finished.left) == (("done", 0), ())
        assert comparable(box) == before
        assert status(building.work_tree) == ""
        assert building.undo().ending == ("nothing", 0)


class TestFiles:
    def test_files_go_into_the_work_tree(self, building: Setup) -> None:
        session = building.session()
        plan = building.plan(session)
        assert building.apply(session, plan).ending == ("done", 0)
        written = [name.removeprefix("file:") for name in pending(plan) if name.startswith("file:")]
        assert {".gitlab-ci.yml", ".gitlab/ci/registry.gitlab-ci.yml", "k8s/base/deployment.yaml"} <= set(written)
        assert building.work_tree is not None
        assert [path for path in written if not (building.work_tree / path).is_file()] == []
        assert pending(building.plan(building.session())) == {}

    def test_files_go_to_a_merge_request_and_the_work_tree_is_not_read(self, box: Sandbox, setup: Setup) -> None:
        served_project(box).files.update(FILES)
        setup.work_tree, setup.answers = None, answers_of(DELIVERED)
        session = setup.session()
        plan = setup.plan(session)
        assert [name for name in pending(plan) if name.startswith(("commit:", "merge-request:"))] == [
            "commit:registry-wizard/setup", "merge-request:registry-wizard/setup@main",
        ]  # fmt: skip
        ran = setup.apply(session, plan)
        assert ran.ending == ("done", 0)
        app = stored(box)
        (request,) = app["merge_requests"]
        assert (request["source"], request["target"], request["state"]) == ("registry-wizard/setup", "main", "opened")
        assert ".gitlab/ci/registry.gitlab-ci.yml" in app["branches"]["registry-wizard/setup"]["files"]
        assert app["files"] == FILES
        assert pending(setup.plan(setup.session())) == {}

        undone = setup.undo()
        app = stored(box)
        assert [name for name in undone.finished.left if not name.startswith("variable:")] == []
        assert "registry-wizard/setup" not in app["branches"]
        assert [found["state"] for found in app["merge_requests"]] == ["closed"]

    def test_a_changed_answer_goes_onto_the_same_branch(self, box: Sandbox, setup: Setup) -> None:
        served_project(box).files.update(FILES)
        setup.work_tree, setup.answers = None, answers_of(DELIVERED)
        session = setup.session()
        setup.apply(session, setup.plan(session))
        setup.answers = answers_of({**DELIVERED, "build": {"tags": ["branch", "latest"]}})
        plan = setup.plan(session)
        assert pending(plan) == {
            "file:.gitlab/ci/registry.gitlab-ci.yml": "update", "commit:registry-wizard/setup": "update",
        }  # fmt: skip
        assert setup.apply(session, plan).ending == ("done", 0)
        assert len(stored(box)["merge_requests"]) == 1
        assert pending(setup.plan(setup.session())) == {}


class TestRoles:
    def test_a_developer_sees_the_plan_and_may_not_apply_it(self, box: Sandbox, setup: Setup) -> None:
        session = setup.session("dev")
        plan = setup.plan(session)
        assert {found.id for found in plan.blocked} == {
            name for name in SETTINGS if not name.startswith(("job-token", "deploy-token"))
        }
        assert "role-too-low" in [notice.code for notice in plan.warnings]
        assert change(plan, "variable:LEVEL@*").before == {"unknown": True}
        before = comparable(box)
        ran = setup.apply(session, plan)
        assert ran.ending == ("refused", 1)
        assert {event["code"] for event in ran.named("change-failed")} == {"role-too-low"}
        assert (writes(box), comparable(box)) == ([], before)

    def test_with_partial_a_developer_does_what_is_possible_and_orphans_no_token(
        self, box: Sandbox, setup: Setup
    ) -> None:
        session = setup.session("dev")
        ran = setup.apply(session, setup.plan(session), partial=True)
        assert ran.ending == ("partial", 3)
        assert [name for name in ran.finished.done if not name.startswith("file:")] == [
            f"job-token-allowlist:{APP}@{BASE}", f"job-token-scope:{BASE}",
        ]  # fmt: skip
        assert working_tokens(box, TOOLS, PULL_TOKEN) == []
        assert f"deploy-token:{TOOLS}/{PULL_TOKEN}" in ran.finished.left

    def test_a_maintainer_finishes_what_a_developer_began(self, setup: Setup) -> None:
        session = setup.session("dev")
        setup.apply(session, setup.plan(session), partial=True)
        session = setup.session("maint")
        assert setup.apply(session, setup.plan(session)).ending == ("done", 0)
        assert pending(setup.plan(setup.session("maint"))) == {}

    def test_a_guest_still_gets_a_plan(self, setup: Setup) -> None:
        setup.answers = answers_of({"registry": {"visibility": "private"}})
        plan = setup.plan(setup.session("guest"))
        assert [found.id for found in plan.blocked if found.kind == "registry"] == [f"registry:{APP}"]

    def test_a_token_that_may_only_read_plans_and_does_not_apply(self, box: Sandbox, setup: Setup) -> None:
        session = setup.session("read")
        plan = setup.plan(session)
        assert in_settings(pending(plan)) == SETTINGS
        assert "scope-too-low" in [notice.code for notice in plan.warnings]
        with pytest.raises(WizardError) as raised:
            setup.apply(session, plan)
        assert raised.value.code == "scope-too-low"
        assert writes(box) == []


class TestWhatCannotBe:
    @pytest.mark.parametrize(
        ("who", "code", "words"),
        [("expired", "token-refused", "does not accept the token"), ("stranger", "project-not-found", APP)],
    )
    def test_a_token_that_does_not_serve_is_told(self, setup: Setup, who: str, code: str, words: str) -> None:
        with pytest.raises(WizardError) as raised:
            setup.plan(setup.session(who))
        assert raised.value.code == code
        assert words in raised.value.message
        assert raised.value.hint
        assert TOKENS[who] not in f"{raised.value!r} {raised.value.hint}"

    @pytest.mark.parametrize("version", ["17.3.7", "16.11.0-ee", "nonsense"])
    def test_a_gitlab_that_is_too_old_is_told(self, box: Sandbox, setup: Setup, version: str) -> None:
        box.world.state.instance.version = version
        for read in (setup.plan, lambda session: session.connect()):
            with pytest.raises(WizardError) as raised:
                read(setup.session())
            assert raised.value.code == "gitlab-too-old"
            assert "17.4" in raised.value.message

    def test_the_oldest_gitlab_that_serves(self, box: Sandbox, setup: Setup) -> None:
        box.world.state.instance.version = "17.4.0"
        assert setup.session().connect().instance.version == (17, 4)

    @pytest.mark.parametrize(
        "says",
        [
            Says(200, "<html>hello</html>"),
            Says(404, "<html>nothing</html>"),
            Says(200, {"status": "ok"}),
            Says(200, []),
        ],
    )
    def test_what_is_not_gitlab_is_told(self, setup: Setup, says: Says) -> None:
        with Stub(says) as stub:
            setup.url = stub.url
            session = setup.session()
            with pytest.raises(WizardError) as raised:
                setup.plan(session)
        assert raised.value.code == "not-gitlab"
        assert stub.url in raised.value.message

    def test_nobody_listening_is_told_after_some_patience(self, setup: Setup) -> None:
        setup.url = "http://127.0.0.1:1"
        with pytest.raises(WizardError) as raised:
            setup.plan(setup.session())
        assert raised.value.code == "unreachable"
        assert len(setup.waits.waits) > 0

    def test_a_project_that_was_renamed_is_followed(self, box: Sandbox, setup: Setup) -> None:
        box.world.rename(served_project(box), "acme/team/renamed")
        session = setup.session()
        plan = setup.plan(session)
        assert plan.project == "acme/team/renamed"
        assert setup.apply(session, plan).ending == ("done", 0)

    def test_a_project_whose_settings_are_locked_is_refused_before_anything(self, box: Sandbox, setup: Setup) -> None:
        session = setup.session()
        plan = setup.plan(session)
        served_project(box).locked = True
        before = comparable(box)
        ran = setup.apply(session, plan)
        assert ran.ending == ("failed", 1)
        assert "Resource lock" in ran.named("change-failed")[0]["message"]
        assert comparable(box) == before

    def test_maintenance_is_waited_for_and_then_told(self, box: Sandbox, setup: Setup) -> None:
        session = setup.session()
        plan = setup.plan(session)
        box.world.state.instance.maintenance = True
        ran = setup.apply(session, plan)
        assert ran.ending == ("failed", 1)
        assert [event["seconds"] for event in ran.named("waiting")] == [2.0, 2.0, 4.0]
        assert "maintenance mode" in ran.named("change-failed")[0]["message"]


def test_projects_to_choose_from_are_those_of_the_caller(setup: Setup) -> None:
    session = setup.session("dev")
    assert {found.path for found in session.projects()} == {APP, "acme/team/web", BASE, TOOLS}
    assert [found.path for found in session.projects("base")] == [BASE]


def test_a_verify_says_what_stands_and_proves_it(setup: Setup) -> None:
    session = setup.session()
    plan = setup.plan(session)
    before = {event.id: event.ok for event in session.verify(plan, setup.secrets)}
    assert [name for name in SETTINGS if before[name]] == []
    setup.apply(session, plan)
    after = {event.id: event.ok for event in session.verify(setup.plan(session), setup.secrets)}
    assert [name for name, ok in after.items() if not ok] == ["variable:DOCKER_AUTH_CONFIG@*"]
