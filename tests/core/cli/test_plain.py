"""The plain route as a command: logging in, going back from the plan, and what comes after a failure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event as Stop
from typing import Any

import pytest

from tests.core.fake_session import CREATE, FakeSession, plan_of
from wizard.__main__ import main
from wizard.asking import BACK, Prompt
from wizard.change import Change
from wizard.errors import WizardError
from wizard.gateways.device_login import Invitation
from wizard.kept_answers import Kept, KeptAnswers
from wizard.preview import as_text
from wizard.question import Draft, Known
from wizard.replies import Problem
from wizard.secret import Secret

MARKER = "glpat-m4rker"
AT = datetime(2026, 11, 22, 21, 14, tzinfo=UTC)
EARLIER = Draft({"project": "acme/app", "registry": {"visibility": "private"}})
REFUSED = WizardError("token-refused", "GitLab does not accept the token: 401", "It may be expired.")
AWAY = WizardError("unreachable", "GitLab cannot be reached", "Check the network.")


@dataclass
class Person:
    """Answers by the beginning of what is asked; nobody, where the answers have run out."""

    how = "Type."
    replies: dict[str, list[str | Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    beside: dict[str, str] = field(default_factory=dict)
    """What is told about a question when more is asked for."""
    visibility: str = ""
    """The one answer that is typed; empty: none."""
    project: str = ""
    """Another project than that of `origin` that is typed; empty: none."""

    def say(self, text: str) -> None:
        self.said.append(text)

    def ask(self, prompt: Prompt) -> Any:
        self.asked.append(prompt.text)
        self.beside[prompt.text] = as_text(prompt.beside) if prompt.beside else ""
        reply = self._next(prompt.text)
        if reply is BACK:
            return reply
        parsed = prompt.parse(reply)
        assert not isinstance(parsed, Problem), (prompt.text, reply, parsed)
        return parsed

    def unseen(self, text: str) -> Secret:
        self.asked.append(text)
        return Secret(self._next(text))

    def _next(self, text: str) -> Any:
        waiting = next((texts for start, texts in self.replies.items() if text.startswith(start)), [])
        if not waiting:
            raise EOFError
        return waiting.pop(0)

    @property
    def told(self) -> str:
        return "\n".join(self.said)


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch, session: FakeSession, typing: Callable[..., None]) -> Person:
    """Somebody who takes every answer to the questions as it stands."""
    found = Person()
    typing()
    monkeypatch.setattr("wizard.commands.plain.terminal_asker", lambda: found)

    def ask_all(known: Any, asker: Any, around: Any, **given: Any) -> Any:
        found.asked.append("questions, the last one first" if given["at_the_end"] else "questions")
        draft = known.draft.put("registry.visibility", found.visibility) if found.visibility else known.draft
        if found.project:
            draft = around.move(Known(draft.put("project", found.project), known.state)).draft
        around.keep(draft)
        return draft

    monkeypatch.setattr("wizard.commands.plain.ask_all", ask_all)
    return found


def plain() -> int:
    return main(["--plain"])


class TestLogIn:
    def test_who_is_connected_is_told_before_the_first_question(self, person: Person) -> None:
        person.replies = {"Apply": ["n"]}
        assert plain() == 130
        assert "with the token from GITLAB_TOKEN" in person.told
        assert "You are: maint." in person.told

    def test_a_refused_token_is_exchanged_for_a_typed_one(self, person: Person, session: FakeSession) -> None:
        session.refuses = [REFUSED]
        person.replies = {"What now": [""], "A token for": [MARKER], "Apply": ["y"]}
        assert plain() == 0
        assert session.called("open")[1] == MARKER
        assert "personal_access_tokens" in person.told
        assert MARKER not in f"{person.told}{person.asked}"

    def test_gitlab_away_for_a_moment_is_asked_again_with_the_same_token(
        self, person: Person, session: FakeSession
    ) -> None:
        session.refuses = [AWAY]
        person.replies = {"What now": [""], "Apply": ["n"]}
        assert plain() == 130
        assert session.called("open")[1] == "glpat-variable"

    @pytest.mark.usefixtures("person")
    def test_where_nobody_answers_the_error_itself_ends_it(
        self, session: FakeSession, capsys: pytest.CaptureFixture[str]
    ) -> None:
        session.refuses = [REFUSED]
        assert plain() == 1
        assert "(token-refused)" in capsys.readouterr().err

    @pytest.mark.parametrize("reply", ["y", ""])
    def test_a_typed_token_is_kept_only_after_a_yes(
        self, person: Person, monkeypatch: pytest.MonkeyPatch, reply: str
    ) -> None:
        kept: list[str] = []
        monkeypatch.delenv("GITLAB_TOKEN")
        monkeypatch.setattr("wizard.gateways.os_keyring.can_keep", lambda: True)
        monkeypatch.setattr("wizard.gateways.os_keyring.keep", lambda *given: kept.append(given[-1].reveal()))
        person.replies = {"A token for": [f" {MARKER} "], "Keep the token": [reply], "Apply": ["n"]}
        assert plain() == 130
        assert kept == ([MARKER] if reply else [])

    def test_a_log_in_by_the_browser_shows_the_page_and_the_code(
        self, person: Person, session: FakeSession, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Login:
            def __init__(self, url: str, client_id: str, **_: Any) -> None:
                assert (url, client_id) == ("https://gitlab.example.com", "app-id")

            def begin(self) -> Invitation:
                return Invitation("0A44", "https://gitlab.example.com/oauth/device", 300, 5, Secret("d3vice"))

            def finish(self, _: Invitation, __: Stop) -> Secret:
                return Secret(MARKER)

            def close(self) -> None:
                """Nothing is open."""

        monkeypatch.delenv("GITLAB_TOKEN")
        monkeypatch.setenv("REGISTRY_WIZARD_OAUTH_CLIENT_ID", "app-id")
        monkeypatch.setattr("wizard.gateways.device_login.DeviceLogin", Login)
        person.replies = {"How do you log in": [""], "Apply": ["n"]}
        assert plain() == 130
        assert session.called("open")[1] == MARKER
        assert "https://gitlab.example.com/oauth/device" in person.told
        assert "Type this code there: 0A44" in person.told
        assert MARKER not in person.told


class TestPlan:
    def test_back_from_the_plan_leads_to_the_last_question(self, person: Person, session: FakeSession) -> None:
        person.replies = {"Apply": [BACK, "y"]}
        assert plain() == 0
        assert person.asked == [
            "questions",
            "Apply these changes?",
            "questions, the last one first",
            "Apply these changes?",
        ]
        assert session.count("apply") == 1

    def test_the_consent_says_no_by_itself(self, person: Person, session: FakeSession) -> None:
        person.replies = {"Apply": [""]}
        assert plain() == 130
        assert session.count("apply") == 0

    def test_new_files_are_read_on_request_alone(
        self, person: Person, session: FakeSession, capsys: pytest.CaptureFixture[str]
    ) -> None:
        diff = '--- /dev/null\n+++ b/ci.yml\n@@ -0,0 +1,2 @@\n+job:\n+  script: "true"\n'
        session.planned = plan_of(CREATE, Change("file:ci.yml", "file", "create", "ci.yml", "ci.yml: jobs", diff=diff))
        person.replies = {"Apply": ["n"]}
        assert plain() == 130
        shown = "".join(capsys.readouterr())
        assert "ci.yml: jobs" in shown
        assert "script:" not in shown
        told = 'the 1 new file, 2 lines\nci.yml:\n    job:\n      script: "true"'
        assert person.beside["Apply these changes?"] == told

    def test_what_to_do_next_is_told_at_the_end(self, person: Person) -> None:
        person.replies = {"Apply": ["y"]}
        assert plain() == 0
        assert person.said[-2:] == ["Check again: registry-wizard doctor", "Take back: registry-wizard undo"]

    def test_a_plan_that_cannot_be_made_leaves_the_answers_to_be_changed(
        self, person: Person, session: FakeSession
    ) -> None:
        failing = [AWAY]

        def before() -> None:
            if failing and session.count("discover") == 1:
                raise failing.pop()

        session.before = before
        person.replies = {"What now": ["change the answers"], "Apply": ["n"]}
        assert plain() == 130
        assert "GitLab cannot be reached" in person.told
        assert person.asked[-2:] == ["questions, the last one first", "Apply these changes?"]


class TestWithoutAClone:
    def test_files_go_by_a_merge_request_where_there_is_no_clone_to_write_into(
        self, person: Person, session: FakeSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        monkeypatch.setenv("GITLAB_URL", "https://gitlab.example.com")
        person.replies = {"Apply": ["n"]}
        assert main(["--plain", "--url", "https://gitlab.example.com", "--project", "acme/app"]) == 130
        assert session.called("plan")[0].delivery.mode == "merge-request"

    def test_so_they_do_for_another_project_than_that_of_the_clone(self, person: Person, session: FakeSession) -> None:
        person.project, person.replies = "acme/api", {"Apply": ["n"]}
        assert plain() == 130
        assert session.called("plan")[0].delivery.mode == "merge-request"

    def test_in_the_clone_they_go_into_it(self, person: Person, session: FakeSession) -> None:
        person.replies = {"Apply": ["n"]}
        assert plain() == 130
        assert session.called("plan")[0].delivery.mode == "working-tree"


class TestFailure:
    @pytest.fixture(autouse=True)
    def _fails_once(self, session: FakeSession) -> None:
        session.failures = 1
        session.undo = plan_of(CREATE)

    def test_what_is_left_can_be_made_by_another_plan(self, person: Person, session: FakeSession) -> None:
        person.replies = {"Apply": ["y", "y"], "What now": [""]}
        assert plain() == 0
        assert session.count("plan") == 2
        assert session.count("apply") == 2

    def test_what_was_made_can_be_taken_back_after_another_yes(self, person: Person, session: FakeSession) -> None:
        person.replies = {"Apply": ["y"], "What now": ["take back what was made"], "Take this back": ["y"]}
        assert plain() == 1  # failed, and nothing is changed any more
        assert session.count("undo") == 1

    @pytest.mark.parametrize("reply", ["", BACK])
    def test_nothing_is_taken_back_without_one(self, person: Person, session: FakeSession, reply: Any) -> None:
        person.replies = {"Apply": ["y"], "What now": ["2"], "Take this back": [reply]}
        assert plain() == 3
        assert session.count("undo") == 0

    @pytest.mark.parametrize("replies", [["stop here"], [BACK], []])
    def test_it_can_be_left_as_it_stands(self, person: Person, session: FakeSession, replies: list[Any]) -> None:
        person.replies = {"Apply": ["y"], "What now": replies}
        assert plain() == 3
        assert (session.count("apply"), session.count("undo")) == (1, 0)


class TestComingBack:
    """Answers are kept as they are given, offered once by the next start, and forgotten when they have served."""

    ASKED = "Go on where you left off?"

    @pytest.fixture
    def kept(self) -> KeptAnswers:
        return KeptAnswers("https://gitlab.example.com")

    @pytest.fixture
    def answered(self, person: Person, kept: KeptAnswers) -> Person:
        """Somebody whose answers lie there from an earlier run."""
        kept.keep("acme/app", EARLIER, AT)
        return person

    def test_what_was_answered_is_kept_for_whoever_declines_and_that_is_said(
        self, person: Person, kept: KeptAnswers, capsys: pytest.CaptureFixture[str]
    ) -> None:
        person.visibility, person.replies = "private", {"Apply": ["n"]}
        assert plain() == 130
        found = kept.find("acme/app")
        assert found is not None
        assert found.draft.get("registry.visibility") == "private"
        assert "the next start offers to go on with them" in capsys.readouterr().err

    def test_whoever_answered_nothing_else_is_promised_nothing(
        self, person: Person, kept: KeptAnswers, capsys: pytest.CaptureFixture[str]
    ) -> None:
        person.replies = {"Apply": ["n"]}
        assert plain() == 130
        assert kept.find("acme/app") is None
        assert "next start" not in capsys.readouterr().err
        assert not [text for text in person.asked if text.startswith(self.ASKED)]

    def test_an_empty_reply_goes_on_with_them(self, answered: Person, session: FakeSession) -> None:
        answered.replies = {self.ASKED: [""], "Apply": ["n"]}
        assert plain() == 130
        assert "Your answers of 2026-11-22 21:14 UTC were kept; 1 answer differs" in answered.asked[0]
        assert session.called("plan")[0].registry.visibility == "private"

    def test_beginning_anew_forgets_them(self, answered: Person, kept: KeptAnswers, session: FakeSession) -> None:
        answered.replies = {self.ASKED: ["begin anew"], "Apply": ["n"]}
        assert plain() == 130
        assert session.called("plan")[0].registry is None
        assert kept.find("acme/app") is None

    @pytest.mark.parametrize(("reply", "code"), [(BACK, 130), (None, 64)])
    def test_going_back_from_there_or_not_answering_loses_nothing(
        self, answered: Person, kept: KeptAnswers, session: FakeSession, reply: Any, code: int
    ) -> None:
        answered.replies = {self.ASKED: [reply] if reply else []}
        assert plain() == code
        assert session.count("discover") == 0
        assert kept.find("acme/app") == Kept(EARLIER, AT)

    def test_another_project_that_is_named_offers_its_own(
        self, answered: Person, kept: KeptAnswers, session: FakeSession
    ) -> None:
        kept.keep("acme/api", Draft({"project": "acme/api", "delivery": {"mode": "branch"}}), AT)
        answered.project, answered.replies = "acme/api", {self.ASKED: ["begin anew", ""], "Apply": ["n"]}
        plain()
        assert [given[0].project for name, given in session.calls if name == "discover"][:2] == ["acme/app", "acme/api"]
        assert session.called("plan")[0].delivery.mode == "branch"
        assert kept.find("acme/app") is None

    def test_answers_that_are_not_complete_do_not_keep_anybody_from_going_on(
        self, person: Person, kept: KeptAnswers, session: FakeSession
    ) -> None:
        kept.keep("acme/app", Draft({"registry": {"target": "external"}}), AT)
        person.replies = {self.ASKED: [""]}
        plain()
        assert session.count("discover") == 1

    @pytest.mark.parametrize(("failures", "left"), [(0, False), (1, True)])
    def test_they_are_forgotten_after_a_finished_apply_alone(
        self, answered: Person, kept: KeptAnswers, session: FakeSession, failures: int, left: bool
    ) -> None:
        session.failures = failures
        answered.replies = {self.ASKED: [""], "Apply": ["y"], "What now": ["stop here"]}
        assert plain() == (3 if failures else 0)
        assert (kept.find("acme/app") is not None) is left

    def test_a_place_that_cannot_be_written_is_told_and_stops_nothing(
        self, person: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / "full").write_text("a file where a folder belongs")
        monkeypatch.setattr("wizard.kept_answers.state_folder", lambda: tmp_path / "full")
        person.visibility, person.replies = "private", {"Apply": ["y"]}
        assert plain() == 0
        assert "cannot be kept in" in person.told
