"""What we send and what the simulated GitLab answers, held against GitLab's own OpenAPI document.

The document is GitLab's documentation (CC BY-SA 4.0) and lies beside the project, never in it. Where it is not there,
these tests are skipped.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from werkzeug.wrappers import Request, Response

from tests.sandbox.conftest import CASES, NOON, Client, SetClock, changed_world
from tests.sandbox.openapi import Document, Exchange
from tests.sandbox.openapi_mistakes import ABSENT, IGNORED, MISTAKES, Mistake
from wizard.answers_file import check
from wizard.errors import Exit
from wizard.events import Finished
from wizard.gateways.git import Git
from wizard.sandbox.app import Application
from wizard.sandbox.routing import raw_path
from wizard.sandbox.server import Sandbox
from wizard.secret import Secret
from wizard.session import PlanOptions, Session, Target

FILE = Path(__file__).parents[3] / "shared" / "data" / "gitlab-openapi-subset.json"
pytestmark = pytest.mark.skipif(
    not FILE.is_file(), reason="OpenAPI contract: GitLab's document is not beside the project"
)

Record = list[Exchange]


class Recorder:
    """Listens to what a sandbox is asked and answers, control calls left out."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.heard: Record = []
        answer = Application.answer

        def listening(application: Application, request: Request) -> Response:
            body = request.get_data()
            response = answer(application, request)
            path = raw_path(request)
            if not path.startswith("/-/"):
                query = request.query_string.decode()
                said = response.get_data(as_text=True) if request.method != "HEAD" else ""
                self.heard.append(Exchange(request.method, path, query, body, response.status_code, said))
            return response

        monkeypatch.setattr(Application, "answer", listening)


WORLD = {
    "projects.0.files": {"README.md": "# app", "Dockerfile": "FROM scratch\n"},
    "projects.1.job_token_scope": {"enabled": False},
    "projects.0.variables.0": {"key": "OLD", "value": "x"},
    "projects.0.variables.1": {"key": "LEVEL", "value": "info", "protected": True},
    "projects.0.agents": [{"name": "staging"}],
    "projects.0.repository_protection": [],
}
"""Beside the base world: something to replace, to remove and to switch on."""

FIRST = """
version: 1
registry:
  visibility: private
  cleanup: {cadence: 7d, keep: 5, older_than: 30d, retain: "v.*"}
  protect: {push: maintainer, delete: owner}
pull:
  - {project: acme/team/base, image: "python:3.14", with: job-token, enforce: true}
  - {project: open/inside, image: "lint:1", as: job, with: deploy-token}
docker_auth:
  - {host: harbor.example.com, username: robot$ci, password: "env:HARBOR"}
build: {engine: dind}
deploy:
  kubernetes:
    environments: [{name: staging, namespace: app, agent: "acme/team/app:staging"}]
variables:
  - {key: SENTRY_DSN, value: "env:DSN"}
  - {key: CA, value: "env:DSN", masked: false, type: file, scope: production, description: for production}
  - {key: LEVEL, value: debug, masked: false}
  - {key: OLD, absent: true}
"""
SECOND = """
version: 1
registry:
  visibility: project
  cleanup: {enabled: false}
  protect: none
pull:
  - {project: acme/team/base, image: "python:3.14", with: job-token, absent: true}
docker_auth:
  - {host: harbor.example.com, absent: true}
variables:
  - {key: SENTRY_DSN, value: "env:DSN", protected: true}
  - {key: CA, scope: production, absent: true}
"""
EXTERNAL = """
version: 1
registry:
  target: external
  external: {host: "registry.example.com:5000", repository: team/app, username: robot, password: "env:HARBOR"}
build: {engine: dind}
"""
BY_REQUEST = """
version: 1
build: {engine: dind}
delivery: {mode: merge-request, branch: registry/setup}
"""
SECRETS = {"env:HARBOR": Secret("harbor-secret-1"), "env:DSN": Secret("https://key@sentry.example.com/1")}

CHANGING = {
    "POST /projects/{id}/variables",
    "PUT /projects/{id}/variables/{key}",
    "DELETE /projects/{id}/variables/{key}",
    "PUT /projects/{id}",
    "POST /projects/{id}/deploy_tokens",
    "DELETE /projects/{id}/deploy_tokens/{token_id}",
    "PATCH /projects/{id}/job_token_scope",
    "POST /projects/{id}/job_token_scope/allowlist",
    "DELETE /projects/{id}/job_token_scope/allowlist/{target_project_id}",
    "POST /projects/{id}/registry/protection/repository/rules",
    "DELETE /projects/{id}/registry/protection/repository/rules/{protection_rule_id}",
    "POST /projects/{id}/repository/commits",
    "DELETE /projects/{id}/repository/branches/{branch}",
    "POST /projects/{id}/merge_requests",
    "PUT /projects/{id}/merge_requests/{merge_request_iid}",
}
"""Every call by which we change something in GitLab: a walk that misses one proves too little."""


def _repository(folder: Path) -> Path:
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\n")
    git = Git(folder)
    git.run("init", "--quiet", "--initial-branch=main")
    git.run("add", "--all")
    git.run("-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "--message", "First")
    return folder


def _applied(session: Session, text: str, *, rotate: str | None = None) -> None:
    answers, mistakes = check(text)
    assert answers is not None, mistakes
    options = PlanOptions(allow_dirty=True, rotate=frozenset({rotate} if rotate else ()))
    plan = session.plan(answers, session.discover(answers, SECRETS), options)
    last = list(session.apply(plan, SECRETS))[-1]
    assert isinstance(last, Finished)
    assert last.exit == Exit.DONE, last
    list(session.verify(plan, SECRETS))


def _undone(session: Session) -> None:
    answers, _ = check("version: 1")
    assert answers is not None
    last = list(session.undo(session.undo_plan(answers)))[-1]
    assert isinstance(last, Finished)
    assert last.exit == Exit.DONE, last


def _walk(url: str, folder: Path) -> None:
    """Set a project up, take everything back, set it up again, write a secret again, and change it."""
    ways = [(FIRST, "SENTRY_DSN", SECOND), (EXTERNAL, "DOCKER_REGISTRY_PASS", None), (BY_REQUEST, None, None)]
    for number, (text, secret, then) in enumerate(ways):
        repository = _repository(folder / f"repository-{number}")
        target = Target(url, "acme/team/app", repository)
        session = Session(target, Secret("glpat-maint"), clock=lambda: NOON, journal_folder=folder / f"state-{number}")
        session.connect()
        session.projects("team")
        _applied(session, text)
        _undone(session)
        _applied(session, text)
        _applied(session, text, rotate=secret)
        if then:
            _applied(session, then)
        session.close()


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    """What our own program asked for in a whole walk, with the answers."""
    with pytest.MonkeyPatch.context() as patch:
        recorder = Recorder(patch)
        with Sandbox(changed_world(WORLD), control=True, clock=SetClock()) as box:
            _walk(box.url, tmp_path_factory.mktemp("contract"))
            client = Client(box.url)
            logged = client.send("GET", "/-/sandbox/requests").json
            client.close()
        shown = [f"{one.path}?{one.query}" if one.query else one.path for one in recorder.heard]
        assert [row["path"] for row in logged] == shown
        yield [one for one in recorder.heard if one.path.startswith("/api/v4")]


@pytest.fixture(scope="module")
def theirs() -> Iterator[Record]:
    """What the YAML cases ask for, with the answers."""
    with pytest.MonkeyPatch.context() as patch:
        recorder = Recorder(patch)
        with Sandbox(changed_world({}), control=True, clock=SetClock()) as box:
            client = Client(box.url)
            for path in sorted([*CASES.glob("*.yml"), *CASES.with_name("undescribed").glob("*.yml")]):
                cases = yaml.safe_load(path.read_text(encoding="utf-8")) if path.stem != "world" else []
                for case in cases:
                    _ask(client, case)
            client.close()
        yield [one for one in recorder.heard if one.path.startswith("/api/v4") and 200 <= one.status < 300]


def _ask(client: Client, case: Mapping[str, Any]) -> None:
    client.send("PUT", "/-/sandbox/world", send=changed_world(case.get("world", {})))
    for step in case.get("steps", [case]):
        method, _, path = step["call"].partition(" ")
        given = {name: step.get(name) for name in ("send", "form", "headers")}
        client.send(method, path, who=step.get("as"), **given)


@pytest.fixture(scope="module")
def written() -> Any:
    return json.loads(FILE.read_text(encoding="utf-8"))


def _corrected(written: Any, without: Mistake | None = None) -> Document:
    document = copy.deepcopy(written)
    for mistake in MISTAKES:
        if mistake is not without:
            mistake.correct(document)
    return Document(document)


@pytest.fixture(scope="module")
def corrected(written: Any) -> Document:
    return _corrected(written)


def _shape(one: Exchange) -> str:
    """Name a call without its ids: numbers, paths, and the keys and names at the end."""
    return re.sub(
        r"/([0-9.]+|[^/]*%2F[^/]*|acme|open)(?=/|$)", "/*", f"{one.method} {one.path.removeprefix('/api/v4')}"
    )


def _told(record: Record, problems: Callable[[Exchange], list[str]]) -> str:
    """List each problem once."""
    found = {f"{_shape(one)} {one.status}: {problem}": None for one in record for problem in problems(one)}
    return "\n".join(found)


def _described(record: Record) -> Record:
    return [one for one in record if _shape(one) not in ABSENT]


def test_every_request_of_ours_is_one_that_gitlab_describes(ours: Record, corrected: Document) -> None:
    wrong = _told(_described(ours), lambda one: corrected.request_problems(one, IGNORED))
    assert not wrong, wrong


def test_our_walk_makes_every_change_that_we_can_make(ours: Record, corrected: Document) -> None:
    operations = [corrected.operation(one) for one in ours]
    assert {one.title for one in operations if one is not None} >= CHANGING


def test_every_answer_to_us_is_one_that_gitlab_describes(ours: Record, corrected: Document) -> None:
    wrong = _told(_described(ours), corrected.answer_problems)
    assert not wrong, wrong


def test_every_success_of_the_cases_is_one_that_gitlab_describes(theirs: Record, corrected: Document) -> None:
    wrong = _told(_described(theirs), corrected.answer_problems)
    assert not wrong, wrong


def test_what_the_document_does_not_describe_is_known(ours: Record, theirs: Record, corrected: Document) -> None:
    assert {_shape(one) for one in [*ours, *theirs] if corrected.operation(one) is None} <= ABSENT


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.says)
def test_each_known_mistake_is_still_there_and_matters(
    mistake: Mistake, ours: Record, theirs: Record, written: Any
) -> None:
    document = _corrected(written, without=mistake)
    answers = any(document.answer_problems(one) for one in _described([*theirs, *ours]))
    assert answers or any(document.request_problems(one, IGNORED) for one in _described(ours))


WRONG: list[tuple[str, str, object, str]] = [
    ("POST", "/projects/10/variables", {"value": "v"}, "'key' is a required property"),
    ("POST", "/projects/10/variables", {"key": "A", "value": "v", "hidden": True}, "'hidden' was unexpected"),
    ("POST", "/projects/10/variables", {"key": "A", "value": None}, ".value: None is not of type 'string'"),
    ("PUT", "/projects/10/variables/A", {"masked": "yes"}, ".masked: 'yes' is not of type 'boolean'"),
    ("PUT", "/projects/10/variables/A?scope=x", {"masked": True}, "the parameter scope is not described"),
    ("POST", "/projects/10/deploy_tokens", {"name": "a", "scopes": ["api"]}, ".scopes[]: 'api' is not one of"),
    ("POST", "/projects/10/deploy_tokens", {"name": "a", "scopes": [], "expires_at": "soon"}, "is not a 'date-time'"),
    ("PATCH", "/projects/10/job_token_scope", None, "the body is missing"),
    ("GET", "/projects/10/deploy_tokens?active=perhaps", None, "the parameter active is not of type boolean"),
    ("GET", "/projects/acme%2Fapp/job_token_scope/allowlist", None, "the parameter id is not of type integer"),
    ("GET", "/projects/10/nonsense", None, "the document has no such call"),
    ("DELETE", "/projects/10/deploy_tokens/5", {"force": True}, "a body is not described"),
]


@pytest.mark.parametrize(("method", "path", "body", "problem"), WRONG)
def test_a_wrong_request_is_noticed(method: str, path: str, body: object, problem: str, corrected: Document) -> None:
    bare, _, query = path.partition("?")
    sent = json.dumps(body).encode() if body is not None else b""
    found = corrected.request_problems(Exchange(method, f"/api/v4{bare}", query, sent, 200, ""))
    assert len(found) == 1
    assert problem in found[0]


VARIABLE = {"key": "A", "value": None, "hidden": True}


@pytest.mark.parametrize(
    ("call", "status", "answer", "problem"),
    [
        ("GET /projects/10/variables/A", 200, {**VARIABLE, "id": 1}, "'id' was unexpected"),
        ("GET /projects/10/variables/A", 200, {**VARIABLE, "hidden": "yes"}, ".hidden: 'yes' is not of type 'boolean'"),
        ("GET /projects/10/variables", 200, VARIABLE, "is not of type 'array'"),
        ("GET /projects/10/variables", 200, [{"key": 1}], "[].key: 1 is not of type 'string'"),
        ("POST /projects/10/variables", 200, VARIABLE, "the status 200 is not described"),
        ("GET /projects/10/variables/A", 200, None, "the body is missing"),
        ("DELETE /projects/10/variables/A", 204, VARIABLE, "a body is not described"),
        ("GET /projects/10", 200, {"namespace": {"id": "2"}}, ".namespace.id: '2' is not of type 'integer'"),
    ],
)
def test_a_wrong_answer_is_noticed(call: str, status: int, answer: object, problem: str, corrected: Document) -> None:
    method, _, path = call.partition(" ")
    said = json.dumps(answer) if answer is not None else ""
    found = corrected.answer_problems(Exchange(method, f"/api/v4{path}", "", b"", status, said))
    assert len(found) == 1
    assert problem in found[0]
