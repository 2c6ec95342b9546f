"""A GitLab that takes a request and never answers: nobody who leaves waits for it."""

from __future__ import annotations

import socket
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from threading import Event as Stop

import pytest

from tests.core.live import TOKENS
from tests.core.question_states import state
from wizard.answers import Answers
from wizard.change import Change, Plan
from wizard.errors import WizardError
from wizard.layout import CI_FILE, PIPELINE
from wizard.secret import Secret
from wizard.session import Session, Target

PROJECT = "acme/team/app"
FILES = tuple(
    Change(f"file:{path}", "file", "create", path, "the pipeline", inputs={"content": b64encode(text).decode()})
    for path, text in ((CI_FILE, b"include: [{local: /.gitlab/ci/registry.gitlab-ci.yml}]\n"), (PIPELINE, b"a: {}\n"))
)
ANSWERS = Answers(version=1, project=PROJECT)
READS: dict[str, Callable[[Session, Plan], object]] = {
    "connect": lambda session, _: session.connect(),
    "projects": lambda session, _: session.projects("app"),
    "discover": lambda session, _: session.discover(ANSWERS),
    "undo plan": lambda session, _: session.undo_plan(ANSWERS),
}


@pytest.fixture
def leaving() -> Stop:
    """What is set on leaving."""
    return Stop()


@pytest.fixture
def url(leaving: Stop) -> Iterator[str]:
    """A server that never answers; as soon as it is asked something, whoever asked leaves."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(1)
                leaving.set()
                over.wait(60)

        over = threading.Event()
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        over.set()
        thread.join()


@pytest.mark.parametrize("read", READS)
def test_a_read_is_given_up_on_leaving(read: str, url: str, leaving: Stop) -> None:
    session = Session(Target(url, PROJECT, None), Secret(TOKENS["maint"]), leaving=leaving)
    with pytest.raises(WizardError) as raised:
        READS[read](session, Plan(PROJECT, 10, url))
    assert raised.value.code == "stopped"
    session.close()


def test_the_verdict_on_the_pipeline_is_given_up_on_leaving(url: str, leaving: Stop) -> None:
    session = Session(Target(url, PROJECT, None), Secret(TOKENS["maint"]), leaving=leaving)
    verdict = session.lint(Plan(PROJECT, 10, url, FILES), state({}))
    assert verdict is not None
    assert (verdict.state, verdict.why) == ("unknown", "stopped")
    session.close()
