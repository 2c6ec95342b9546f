"""Whatever people type and the world is called: files that mean exactly that, or a refusal that names the key."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.generated_pipelines import as_schema_sees, jobs, load, script
from tests.core.states import answers_of, state_of
from wizard import layout
from wizard.answer_keys import named
from wizard.answer_words import problem_with
from wizard.change import Plan
from wizard.changes.file import content_of
from wizard.errors import UsageError, WizardError
from wizard.plan import build_plan

NASTY = [
    "two words", "it's", 'say "x"', "$HOME", "${X}", "$(id)", "`id`", "#x", "a #b", "a: b", "- a", "a\nb", "a\r\nb",
    "{{ x }}", "{% x %}", "!x", "&x", "*x", "@x", "%x", "| x", ">x", "[x", "{x", "🚀", "größer", "\u202exyz",
    "\x1b[31m", "\x00", "\u2028",
    "\\", "a\\nb", "yes", "null", "~", "1e3", "0x1", "012", "1:30", "=", "<<", "x" * 300, "", " ", "-", "--help",
    "../x",
    "a,b", "a;b", "a|b", "a&b", "a>b", "a*b", "a?b", "$$", "%s", "'\"'", "EOF",
]  # fmt: skip
PLACES: dict[str, str] = {
    "build.dockerfile": "Dockerfile",
    "build.context": ".",
    "build.runner_tags.0": "docker",
    "build.platforms.0": "linux/amd64",
    "registry.external.host": "registry.example.com",
    "registry.external.repository": "team/app",
    "registry.external.username": "robot",
    "pull.0.project": "platform/base",
    "pull.0.image": "python:3.14",
    "docker_auth.0.host": "harbor.example.com",
    "docker_auth.0.username": "robot",
    "deploy.kubernetes.app.name": "app",
    "deploy.kubernetes.app.health_path": "/healthz",
    "deploy.kubernetes.pull_secret.name": "gitlab-registry",
    "deploy.kubernetes.environments.0.name": "staging",
    "deploy.kubernetes.environments.0.namespace": "app",
    "deploy.kubernetes.environments.0.agent": "acme/agents:staging",
    "deploy.kubernetes.environments.0.url": "https://example.com",
    "mirror.0.registry": "docker.io",
    "mirror.0.repository": "acme/app",
    "mirror.0.username": "acme",
    "variables.0.key": "LEVEL",
    "variables.0.value": "info",
    "variables.0.scope": "*",
    "variables.0.description": "",
    "delivery.branch": "registry-wizard/setup",
}
"""Where a text is typed, and a usual one for each place."""
WORLD = ["path", "default_branch", "job", "tag", "stage", "image", "file"]
THOROUGH = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
texts = st.sampled_from(NASTY) | st.builds("{}{}".format, st.sampled_from(NASTY), st.sampled_from(NASTY))
SHELL = ("busybox", "sh") if shutil.which("busybox") else ("sh",)


def document(typed: dict[str, str]) -> dict[str, Any]:
    """Return whole answers with what was typed in its places."""
    whole: dict[str, Any] = {
        "registry": {"target": "external", "external": {"password": "env:P"}},
        "mirror": [{"to": "generic", "password": "env:P"}],
        "docker_auth": [{"password": "env:P"}],
        "variables": [{"masked": False}],
    }
    for place, usual in PLACES.items():
        _put(whole, place.split("."), typed.get(place, usual))
    return whole


def _put(here: Any, parts: list[str], value: str) -> None:
    first, *rest = parts
    if isinstance(here, list):
        here.extend([] if here or not rest else [{}])
        here[:] = here if rest else [value]
        _put(here[0], rest, value) if rest else None
    elif rest:
        _put(here.setdefault(first, [] if rest[0] == "0" else {}), rest, value)
    else:
        here[first] = value


def planned(answers: dict[str, Any], world: dict[str, str]) -> Plan:
    """Plan these answers in a world with these names."""
    pipeline = {
        "stages": [world.get("stage", "build"), "deploy"],
        world.get("job", "test"): {
            "script": ["make"],
            "stage": world.get("stage", "build"),
            "tags": [world.get("tag", "docker")],
            "image": world.get("image", "alpine"),
        },
    }
    path = f"acme/{world.get('path', 'app')}"
    state: dict[str, Any] = {
        "project": {"path": path, "default_branch": world.get("default_branch", "main")},
        "sources": {pull["project"]: {} for pull in answers.get("pull", ())},
        "files": {
            "go.mod": "module example.com/app\n\ngo 1.25\n",
            "main.go": "package main\n\nfunc main() {}\n",
            world.get("file", "README"): "x",
            layout.CI_FILE: yaml.safe_dump(pipeline, allow_unicode=True, sort_keys=False),
        },
    }
    read = answers_of(answers)
    return build_plan(read, state_of(state, read))


def meant(plan: Plan) -> set[str]:
    """Read every file of a plan as its own reader does, and return every text in them; a shell reads the scripts."""
    found: set[str] = set()
    scripts: list[str] = []
    for change in plan.changes:
        if change.kind != "file":
            found |= set(_texts(change.document()))
            continue
        text = (content_of(change) or b"").decode()
        if change.target == layout.PIPELINE:
            whole = load(text)
            scripts = [script(whole, name) for name, _ in jobs(whole)]
            found |= set(_texts(as_schema_sees(whole)))
        elif change.target.endswith((".yml", ".yaml")):
            found |= {text for part in yaml.safe_load_all(text) for text in _texts(part)}
    done = subprocess.run([*SHELL, "-n"], input="\n".join(scripts), text=True, capture_output=True, check=False)
    assert done.stderr == ""
    return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from (text for pair in value.items() for part in pair for text in _texts(part))
    elif isinstance(value, list | tuple):
        yield from (text for part in value for text in _texts(part))
    elif isinstance(value, str):
        yield value


UNSEEN = {"docker_auth.0.username", "delivery.branch", "pull.0.image"}
"""In a value that is made when applying, or in no change at all."""


def fits(place: str, text: str) -> bool:
    """Whether the answers take this text at a place."""
    name = ".".join(part for part in place.split(".") if part != "0")
    return problem_with(named(name, "generic"), [text] if place.endswith(".0") else text) is None


ACCEPTED = {place: [text for text in NASTY if fits(place, text)] for place in PLACES}
MOST = max(map(len, ACCEPTED.values()))


@pytest.mark.parametrize("place", PLACES)
def test_what_is_not_taken_is_refused_by_its_key(place: str) -> None:
    refused = [text for text in NASTY if text not in ACCEPTED[place]]
    assert "\x00" in refused or place == "variables.0.value"
    for text in refused[::9]:
        with pytest.raises(UsageError) as raised:
            answers_of(document({place: text}))
        assert place.removesuffix(".0").rpartition(".")[2] in raised.value.message


def test_what_a_file_may_be_called_is_taken() -> None:
    assert {"it's", "$(id)", "a: b", "{{ x }}", "🚀", "$$"} <= set(ACCEPTED["build.dockerfile"])
    assert MOST > 40


@pytest.mark.parametrize("row", range(MOST))
def test_what_is_taken_stands_in_the_files_as_it_was_typed(row: int) -> None:
    typed = {place: texts[row % len(texts)] for place, texts in ACCEPTED.items() if texts}
    found = meant(planned(document(typed), {}))
    for place in typed.keys() - UNSEEN:
        value = typed[place]
        forms = {value, value.replace("$", "$$"), value.lower()}
        assert any(form in text for form in forms for text in found), (place, value)


def test_whatever_the_world_is_called_a_plan_is_made_or_the_line_is_named() -> None:
    made = 0
    for shift in range(len(NASTY)):
        world = {name: NASTY[(shift + 7 * number) % len(NASTY)] for number, name in enumerate(WORLD)}
        try:
            plan = planned(document({}), world)
        except WizardError as refusal:
            assert f"{layout.CI_FILE}, line " in refusal.message  # noqa: PT017  # most worlds are fine
            continue
        meant(plan)
        made += 1
    assert made > len(NASTY) // 2


@given(
    st.dictionaries(st.sampled_from(sorted(PLACES)), texts, max_size=2), st.dictionaries(st.sampled_from(WORLD), texts)
)
@THOROUGH
def test_nasty_texts_together_are_meant_or_refused(typed: dict[str, str], world: dict[str, str]) -> None:
    try:
        plan = planned(document(typed), world)
    except WizardError as refusal:
        assert refusal.message  # noqa: PT017  # whatever else is raised fails
        return
    meant(plan)
