"""The plain route: menus and numbered lines ask the same questions, and Back, help and end of input work everywhere."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from tests.core.question_states import CI, DOCKERFILE, state
from wizard.answers_file import answers_of
from wizard.asking import BACK, Prompt, choose, confirm, yes_or_no
from wizard.conversation import ask_all
from wizard.errors import Exit, InterruptedRunError, UsageError
from wizard.numbered import NumberedAsker
from wizard.prompts import MenuAsker, terminal_asker
from wizard.question import Choice, Draft, Known
from wizard.replies import Problem
from wizard.secret import Secret

NOTHING = Known(Draft())
ENTER = "\r"
DOWN = "\x1b[B"


@dataclass
class Typist:
    """Answers prompts by what they ask: a text, BACK, or what an empty reply does. Remembers what it saw."""

    how = "Type."
    replies: dict[str, list[Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    standing: dict[str, Any] = field(default_factory=dict)

    def say(self, text: str) -> None:
        self.said.append(text)

    def ask(self, prompt: Prompt) -> Any:
        self.asked.append(prompt.text)
        self.standing[prompt.text] = prompt.value
        waiting = next((texts for start, texts in self.replies.items() if prompt.text.startswith(start)), [])
        text = waiting.pop(0) if waiting else ""
        if text is BACK:
            return BACK
        if isinstance(text, BaseException):
            raise text
        reply = prompt.parse(text)
        assert not isinstance(reply, Problem), (prompt.text, text, reply)
        return reply

    def unseen(self, text: str) -> Secret:
        self.asked.append(text)
        return Secret(self.replies["secret"].pop(0))


def numbered(text: str) -> tuple[NumberedAsker, io.StringIO]:
    out = io.StringIO()
    return NumberedAsker(io.StringIO(text), out), out


@contextmanager
def menus(keys: str) -> Iterator[MenuAsker]:
    with create_pipe_input() as pipe:
        pipe.send_text(keys)
        yield MenuAsker(input=pipe, output=DummyOutput())


class TestAskAll:
    def test_an_empty_reply_to_everything_takes_what_is_recommended(self) -> None:
        typist = Typist()
        answers = answers_of(ask_all(Known(Draft(), state({"Dockerfile": DOCKERFILE})), typist))
        assert answers.build is not None
        assert answers.registry is not None
        assert len(typist.asked) == len(set(typist.asked))

    def test_each_step_is_announced_once_with_its_number(self) -> None:
        typist = Typist()
        ask_all(NOTHING, typist)
        heads = [text.split("\n")[1] for text in typist.said if text.startswith("\nStep")]
        assert heads[0] == "Step 1 of 9: Project"
        assert heads[-1] == "Step 9 of 9: Delivery"
        assert len(heads) == 9

    def test_answers_open_and_close_later_questions(self) -> None:
        typist = Typist({
            "Where do the images go?": ["external"],
            "What is the address of that registry?": ["r.example"],
            "Under which path": ["team/app"],
            "Who logs in there?": ["robot"],
            "Shall the pipeline build": ["do not build"],
        })  # fmt: skip
        draft = ask_all(NOTHING, typist)
        assert draft.get("registry.external") == {
            "host": "r.example", "repository": "team/app", "username": "robot", "password": "env:REGISTRY_PASSWORD",
        }  # fmt: skip
        assert not [text for text in typist.asked if text.startswith(("Who may see", "Shall the pipeline deploy"))]

    def test_back_asks_the_question_before_again_and_keeps_what_was_typed(self) -> None:
        typist = Typist({
            "Which folder": ["web"],
            "Which kinds of machine": [BACK, ""],
            "Where is the Dockerfile?": ["web/Dockerfile"],
        })  # fmt: skip
        draft = ask_all(NOTHING, typist)
        again = [text for text in typist.asked if text.startswith("Which folder")]
        assert len(again) == 2
        assert typist.standing["Which folder does the build see?"] == "web"
        assert draft.get("build.context") == "web"

    def test_back_skips_questions_that_no_longer_come_up(self) -> None:
        typist = Typist({
            "Shall GitLab delete": ["set a policy", "leave as it is"],
            "How often": [BACK],
            "Shall pushing": ["", ""],
        })  # fmt: skip
        draft = ask_all(NOTHING, typist)
        assert "cleanup" not in draft.document["registry"]
        assert "How many tags of each image are always kept?" not in typist.asked

    def test_back_from_the_first_question_stays_there(self) -> None:
        typist = Typist({"Which project is set up?": [BACK, "a/b"]})
        assert ask_all(NOTHING, typist).get("project") == "a/b"
        assert "This is the first question." in typist.said

    def test_going_back_recomputes_a_default_that_was_not_typed(self) -> None:
        found = state({"Dockerfile": DOCKERFILE, "web/Dockerfile": b"FROM x\nEXPOSE 9000\n"})
        typist = Typist({
            "Shall the pipeline deploy": ["2", BACK, ""],
            "On which port": [*[BACK] * 2, ""],
            "What is the workload": ["", BACK, ""],
            "Which tags": ["", BACK, ""],
            "Which kinds": ["", BACK, ""],
            "Which folder": ["", BACK, ""],
            "Where is the Dockerfile": ["", "web/Dockerfile"],
            "Which environments": ["add staging", "go on"],
        })  # fmt: skip
        ask_all(Known(Draft(), found), typist)
        assert typist.standing["On which port does the program listen?"] == 9000

    def test_a_list_is_filled_changed_and_shortened(self) -> None:
        typist = Typist({
            "Which private images": ["2", "add another image", "change a/b (the Dockerfile builds on it)",
                                     "take c/d (the Dockerfile builds on it) off the list", "go on"],
            "Which project owns": ["a/b", "c/d", ""],
            "What is the image for": ["", "", "a job runs in it"],
        })  # fmt: skip
        assert ask_all(NOTHING, typist).get("pull") == [{"project": "a/b", "as": "job"}]

    def test_back_out_of_an_item_leaves_the_list_as_it_was(self) -> None:
        typist = Typist({"Which private images": ["2", "1"], "Which project owns": [BACK]})
        assert ask_all(NOTHING, typist).get("pull") is None

    def test_an_item_that_stands_there_twice_is_asked_again(self) -> None:
        typist = Typist({
            "Which further variables": ["2", "2", "go on"],
            "What is the variable called": ["A", "A", "B"],
        })  # fmt: skip
        draft = ask_all(NOTHING, typist)
        assert [item["key"] for item in draft.get("variables")] == ["A", "B"]
        assert any("the same key and scope" in text for text in typist.said)

    def test_images_that_were_found_are_recommended(self) -> None:
        typist = Typist({"Which private images": ["", "", ""]})
        found = state({"Dockerfile": DOCKERFILE, ".gitlab-ci.yml": CI})
        assert ask_all(Known(Draft(), found), typist).get("pull") == [
            {"project": "platform/base", "image": "python:3.14", "as": "base"},
            {"project": "platform/lint", "image": ":2", "as": "job"},
        ]

    def test_a_deployment_needs_an_environment(self) -> None:
        typist = Typist({"Shall the pipeline deploy": ["2"], "Which agent": ["x/a:b"], "What is the work": ["app"]})
        kubernetes = ask_all(NOTHING, typist).get("deploy.kubernetes")
        assert [item["name"] for item in kubernetes["environments"]] == ["staging"]

    def test_an_optional_answer_can_be_emptied(self) -> None:
        known = Known(Draft({"registry": {"cleanup": {"retain": "x"}}}))
        draft = ask_all(known, Typist({"Which tags are kept": ["-"]}))
        assert "retain" not in draft.get("registry.cleanup")

    def test_ctrl_c_is_an_interrupted_run(self) -> None:
        with pytest.raises(InterruptedRunError) as caught:
            ask_all(NOTHING, Typist({"Where do": [KeyboardInterrupt()]}))
        assert caught.value.exit is Exit.INTERRUPTED

    @pytest.mark.parametrize(
        ("replies", "flag"),
        [
            ({"Where do": [EOFError()]}, "--set registry.target=VALUE"),
            ({"Which private images": [EOFError()]}, "--set KEY=VALUE"),
            ({"Which private images": ["2"], "Which project owns": [EOFError()]}, "--set pull.0.project=VALUE"),
        ],
    )
    def test_no_input_is_wrong_usage_and_says_what_to_use(self, replies: dict[str, list[Any]], flag: str) -> None:
        with pytest.raises(UsageError) as caught:
            ask_all(NOTHING, Typist(replies))
        assert caught.value.exit is Exit.USAGE
        assert flag in caught.value.hint
        assert "--answers FILE" in caught.value.hint


class TestNumbered:
    PROMPT = Prompt(
        "Which?",
        "choice",
        lambda text: {"": None, "1": "a", "2": "b"}.get(text, Problem("type a number from 1 to 2")),
        "It matters.",
        (Choice("a", "first", "It is quick."), Choice("b", "sec\x1b[31mond")),
        "b",
        "a",
    )

    def test_each_choice_is_a_line_with_what_is_recommended_and_what_stands(self) -> None:
        asker, out = numbered("2\n")
        assert asker.ask(self.PROMPT) == "b"
        assert out.getvalue().split("\n") == [
            "Which?",
            "1) first (recommended). It is quick.",
            r"2) sec\x1b[31mond",
            "Number [2]: ",
        ]

    def test_more_about_a_question_is_a_page_that_is_named_on_request(self) -> None:
        asker, out = numbered("?\n\n")
        asker.ask(replace(yes_or_no("Protected?"), topic="protected"))
        assert "More about it: registry-wizard explain protected." in out.getvalue()

    def test_help_a_mistake_and_then_an_answer(self) -> None:
        asker, out = numbered("?\n9\n1\n")
        assert asker.ask(self.PROMPT) == "a"
        assert "It matters." in out.getvalue()
        assert "Please try again: type a number from 1 to 2." in out.getvalue()

    def test_back_and_leaving_it(self) -> None:
        asker, _ = numbered("<\n\n")
        assert asker.ask(self.PROMPT) is BACK
        assert asker.ask(self.PROMPT) is None

    @pytest.mark.parametrize(
        ("changed", "line"),
        [
            ({"form": "text", "value": "x", "choices": ()}, "Answer [x]: "),
            ({"form": "text", "value": None, "optional": True, "choices": ()}, "Answer (may be empty): "),
            ({"form": "many", "value": ["a", "b"]}, "Numbers with commas between [1, 2]: "),
            ({"form": "many", "value": []}, "Numbers with commas between [none]: "),
            ({"form": "confirm", "value": False, "choices": ()}, "Yes or no [no]: "),
        ],
    )
    def test_what_stands_is_in_brackets(self, changed: dict[str, Any], line: str) -> None:
        asker, out = numbered("\n")
        asker.ask(replace(self.PROMPT, **changed))
        assert out.getvalue().endswith(line)

    def test_the_end_of_input_is_told(self) -> None:
        with pytest.raises(EOFError):
            numbered("")[0].ask(self.PROMPT)

    def test_a_secret_is_never_echoed(self) -> None:
        asker, out = numbered("hunter2\n")
        assert asker.unseen("Value").reveal() == "hunter2"
        assert "hunter2" not in out.getvalue()

    def test_on_a_terminal_a_secret_is_read_without_an_echo(self) -> None:
        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        read: Callable[[str, Any], str] = lambda text, _: f"typed after {text}"  # noqa: E731  # a stand-in
        assert NumberedAsker(Terminal(), io.StringIO(), read).unseen("V").reveal() == "typed after V: "

    def test_the_whole_flow_from_a_pipe(self) -> None:
        asker, out = numbered("acme/app\n" + "\n" * 40)
        assert ask_all(NOTHING, asker).get("project") == "acme/app"
        assert "\x1b" not in out.getvalue()


class TestMenus:
    PROMPT = TestNumbered.PROMPT

    @pytest.mark.parametrize(
        ("keys", "reply"),
        [(ENTER, "b"), (DOWN + ENTER, BACK), (DOWN + DOWN + ENTER, "a")],
        ids=["what stands", "back", "first"],
    )
    def test_a_choice(self, keys: str, reply: Any) -> None:
        with menus(keys) as asker:
            assert asker.ask(self.PROMPT) == reply

    @pytest.mark.parametrize(("keys", "reply"), [(ENTER, ["a"]), (f"{DOWN} {ENTER}", ["a", "b"])])
    def test_several(self, keys: str, reply: Any) -> None:
        with menus(keys) as asker:
            assert asker.ask(replace(self.PROMPT, form="many", value=["a"])) == reply

    def test_several_back(self) -> None:
        with menus(f"{DOWN}{DOWN} {ENTER}") as asker:
            assert asker.ask(replace(self.PROMPT, form="many", value=["a"])) is BACK

    @pytest.mark.parametrize(("keys", "reply"), [(ENTER, False), (DOWN + DOWN + ENTER, True), (DOWN + ENTER, BACK)])
    def test_yes_or_no(self, keys: str, reply: Any) -> None:
        with menus(keys) as asker:
            assert asker.ask(replace(self.PROMPT, form="confirm", choices=(), value=False)) is reply

    @pytest.mark.parametrize(
        ("keys", "reply"),
        [("2\r", "b"), ("<\r", BACK), ("?\r1\r", "a"), ("9\r\x7f1\r", "a"), ("\r", None)],
    )
    def test_a_text(self, keys: str, reply: Any, capsys: pytest.CaptureFixture[str]) -> None:
        with menus(keys) as asker:
            assert asker.ask(replace(self.PROMPT, form="text")) == reply
        assert capsys.readouterr().out == ""

    def test_a_secret(self) -> None:
        with menus("hunter2\r") as asker:
            assert asker.unseen("Value").reveal() == "hunter2"

    def test_ctrl_c(self) -> None:
        with menus("\x03") as asker, pytest.raises(InterruptedRunError):
            confirm(asker, "Apply?")

    def test_the_whole_flow_ends_in_the_same_answers_as_numbered_lines(self) -> None:
        with menus("acme/app" + ENTER * 40) as asker:
            drawn = ask_all(NOTHING, asker)
        assert drawn == ask_all(NOTHING, numbered("acme/app\n" + "\n" * 40)[0])


class TestHelpers:
    @pytest.mark.parametrize(("text", "default", "reply"), [
        ("\n", False, False), ("\n", True, True), ("y\n", False, True), ("no\n", True, False), ("<\n", True, False),
    ])  # fmt: skip
    def test_confirm(self, text: str, default: bool, reply: bool) -> None:
        assert confirm(numbered(text)[0], "Apply?", default=default) is reply

    @pytest.mark.parametrize(("text", "reply"), [("\n", 1), ("2\n", 2), ("two\n", 2), ("<\n", None)])
    def test_choose(self, text: str, reply: int | None) -> None:
        assert choose(numbered(text)[0], "Which?", (Choice(1, "one"), Choice(2, "two"))) == reply

    @pytest.mark.parametrize(
        ("environ", "terminal", "kind"),
        [
            ({"TERM": "xterm"}, True, MenuAsker),
            ({"TERM": "dumb"}, True, NumberedAsker),
            ({"TERM": "xterm", "ACCESSIBLE": "1"}, True, NumberedAsker),
            ({"TERM": "xterm"}, False, NumberedAsker),
        ],
    )
    def test_the_terminal_decides_who_asks(
        self, environ: dict[str, str], terminal: bool, kind: type, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr("sys.stdout.isatty", lambda: terminal, raising=False)
        assert isinstance(terminal_asker(environ), kind)


def test_importing_the_prompts_does_not_import_what_draws() -> None:
    drawing = {"questionary", "prompt_toolkit", "rich", "textual"}
    code = f"import sys, wizard.prompts, wizard.conversation; print({drawing} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
