"""Two machines make a deploy token of the same name: one gives way, and none stays whose secret nobody holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from tests.core.live import (
    APP,
    FILES,
    PULL_TOKEN,
    TOOLS,
    Ran,
    Setup,
    change,
    git_repository,
    pending,
    variables,
    working_tokens,
)
from tests.core.states import answers_of
from wizard.events import ChangeStarted, Event
from wizard.gateways.gitlab import Api, PassingError
from wizard.sandbox.server import Sandbox

PULL = {"pull": [{"project": TOOLS, "image": "lint:1", "as": "job", "with": "deploy-token"}], "build": {}}
ENVIRONMENT = {"name": "staging", "namespace": "app", "agent": f"{APP}:staging"}
DEPLOY = {"build": {}, "deploy": {"kubernetes": {"environments": [ENVIRONMENT]}}}
SPECIAL = "gitlab-deploy-token"
ID = f"deploy-token:{TOOLS}/{PULL_TOKEN}"
Machines = tuple[Setup, Setup]
Send = Callable[..., Any]


@pytest.fixture
def machines(box: Sandbox, tmp_path: Path) -> Iterator[Machines]:
    one, two = (
        Setup(box.url, git_repository(tmp_path / name / "repo", FILES), tmp_path / name / "state", answers_of(PULL))
        for name in ("one", "two")
    )
    yield one, two
    for setup in (one, two):
        setup.close()


def around_the_post(monkeypatch: pytest.MonkeyPatch, act: Callable[[Api, Send], Any]) -> None:
    """Let `act` stand for each POST of a deploy token: it gets the way to send it."""
    send = Api.send

    def sent(api: Api, method: str, path: str, *rest: Any, **named: Any) -> Any:
        if method == "post" and path.endswith("/deploy_tokens"):
            return act(api, lambda: send(api, method, path, *rest, **named))
        return send(api, method, path, *rest, **named)

    monkeypatch.setattr(Api, "send", sent)


def in_the_same_instant(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> tuple[Ran, Ran]:
    """The first one makes all of its changes between the second one's look and its POST; returns what both said."""
    one, two = machines
    first, second = one.session(), two.session()
    plans = one.plan(first), two.plan(second)
    told: list[Ran] = []

    def act(api: Api, post: Send) -> Any:
        if api is second._api and not told:
            told.append(one.apply(first, plans[0]))
        return post()

    around_the_post(monkeypatch, act)
    return two.apply(second, plans[1]), told[0]


def until_the_first_variable(setup: Setup) -> Iterator[Event]:
    """Apply until the token is made and stored nowhere; the rest of the events is returned."""
    session = setup.session()
    events = iter(session.apply(setup.plan(session), setup.secrets, stop=setup.waits))
    while not (isinstance(event := next(events), ChangeStarted) and event.id.startswith("variable:")):
        pass
    return events


def only_the_stored_one_works(box: Sandbox) -> bool:
    kept = variables(box)["PULL_TOOLS_CI_TOKEN@*"]["value"]
    return [token["token"] for token in working_tokens(box, TOOLS, PULL_TOKEN)] == [kept]


def test_the_later_one_gives_way_and_leaves_no_token(
    box: Sandbox, machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    later, first = in_the_same_instant(machines, monkeypatch)
    assert (first.ending, later.ending) == (("done", 0), ("failed", 3))
    (failed,) = later.named("change-failed")
    assert failed["id"] == ID
    assert "somebody created a token of this name" in failed["message"]
    assert only_the_stored_one_works(box)


def test_who_gave_way_has_nothing_left_to_make_revoke_or_take_back(
    box: Sandbox, machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_same_instant(machines, monkeypatch)
    _, two = machines
    assert not {name for name in pending(two.plan(two.session())) if not name.startswith("file:")}
    two.undo()
    assert only_the_stored_one_works(box)


def test_of_two_who_both_have_made_one_before_either_looks_one_keeps_it(
    box: Sandbox, machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = [setup.session() for setup in machines]
    plans = [setup.plan(session) for setup, session in zip(machines, sessions, strict=True)]
    together = Barrier(2, timeout=30)

    def act(_: Api, post: Send) -> Any:
        together.wait()
        answer = post()
        together.wait()
        return answer

    around_the_post(monkeypatch, act)
    told: list[Ran] = []
    threads = [
        Thread(target=lambda given=given: told.append(given[0].apply(given[1], given[2])))
        for given in zip(machines, sessions, plans, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(ran.ending for ran in told) == [("done", 0), ("failed", 3)]
    assert only_the_stored_one_works(box)


def test_a_token_that_gitlab_hands_to_jobs_is_adopted_from_the_first_one(
    box: Sandbox, machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    for setup in machines:
        setup.answers = answers_of(DEPLOY)
    later, first = in_the_same_instant(machines, monkeypatch)
    assert (first.ending, later.ending) == (("done", 0), ("done", 0))
    result = {event["id"]: event["result"] for event in later.named("change-done")}
    assert result[f"deploy-token:{APP}/{SPECIAL}"] == "already"
    assert len(working_tokens(box, APP, SPECIAL)) == 1


def test_the_one_that_gave_way_is_revoked_though_that_is_not_answered_at_first(
    box: Sandbox, machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second try revokes the own token, whose id is known, and not every one that appeared meanwhile."""
    send, faults = Api.send, [PassingError("unreachable", "Connection reset", seconds=0)]

    def sent(api: Api, method: str, path: str, *rest: Any, **named: Any) -> Any:
        if method == "delete" and faults:
            api.writes += 1
            raise faults.pop()
        return send(api, method, path, *rest, **named)

    monkeypatch.setattr(Api, "send", sent)
    later, _ = in_the_same_instant(machines, monkeypatch)
    assert faults == []
    assert later.ending == ("failed", 3)
    assert only_the_stored_one_works(box)


def test_a_look_that_is_not_answered_costs_nobody_a_token(
    box: Sandbox, machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = machines
    rows = Api.rows
    made: list[int] = []

    def listed(api: Api, path: str, **query: Any) -> Any:
        if path.endswith("/deploy_tokens") and made:
            made.clear()
            raise PassingError("gitlab-busy", "HTTP 502")
        return rows(api, path, **query)

    def act(_: Api, post: Send) -> Any:
        answer = post()
        made.append(answer["id"])
        return answer

    around_the_post(monkeypatch, act)
    monkeypatch.setattr(Api, "rows", listed)
    session = one.session()
    assert one.apply(session, one.plan(session)).ending == ("done", 0)
    assert only_the_stored_one_works(box)


class TestOneThatWasMadeBesideATokenOnItsWay:
    """The second one plans while the first one's token is there, and stored nowhere yet."""

    @pytest.fixture
    def behind(self, box: Sandbox, machines: Machines) -> Setup:
        one, two = machines
        first, second = until_the_first_variable(one), until_the_first_variable(two)
        assert Ran(list(first)).ending == ("done", 0)
        assert Ran(list(second)).ending == ("failed", 3)
        assert len(working_tokens(box, TOOLS, PULL_TOKEN)) == 2
        return two

    def test_is_revoked_by_its_makers_next_apply_and_nothing_else(self, box: Sandbox, behind: Setup) -> None:
        session = behind.session()
        plan = behind.plan(session)
        assert {name: action for name, action in pending(plan).items() if not name.startswith("file:")} == {
            ID: "update"
        }
        assert "revokes 1 of that name whose secret nobody holds" in change(plan, ID).summary
        ran = behind.apply(session, plan)
        assert ran.ending == ("done", 0)
        assert ran.verified[ID]
        assert only_the_stored_one_works(box)
        assert behind.plan(behind.session()).pending == ()

    def test_is_left_to_nobody_where_the_next_apply_dies_too(self, box: Sandbox, behind: Setup) -> None:
        session = behind.session()
        for event in session.apply(behind.plan(session), behind.secrets, stop=behind.waits):
            if isinstance(event, ChangeStarted) and event.id == ID:
                break
        session = behind.session()
        assert behind.apply(session, behind.plan(session)).ending == ("done", 0)
        assert only_the_stored_one_works(box)

    def test_is_revoked_though_somebody_makes_another_one_meanwhile(self, box: Sandbox, behind: Setup) -> None:
        session = behind.session()
        plan = behind.plan(session)
        body = {"name": PULL_TOKEN, "scopes": ["read_registry"]}
        theirs = session._api.send("post", f"/projects/{change(plan, ID).expects['project_id']}/deploy_tokens", body)
        assert behind.apply(session, plan).ending == ("done", 0)
        assert theirs["token"] in {token["token"] for token in working_tokens(box, TOOLS, PULL_TOKEN)}
        assert len(working_tokens(box, TOOLS, PULL_TOKEN)) == 2

    def test_is_named_by_an_undo_that_cannot_bring_it_back(self, behind: Setup) -> None:
        session = behind.session()
        behind.apply(session, behind.plan(session))
        plan = behind.session().undo_plan(behind.answers)
        assert [notice.message for notice in plan.warnings] == [f"{ID}: a revoked token cannot be brought back"]
