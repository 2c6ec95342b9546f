"""An answers file: every mistake at once, each with its line, in words."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from wizard.answers import Answers, Build, Pull
from wizard.answers_file import answers_of, check, document_of, draft_of, read_answers, text_of
from wizard.errors import Exit, UsageError
from wizard.question import Draft
from wizard.secret import Secret


def told(text: str, *sets: str) -> list[str]:
    answers, mistakes = check(textwrap.dedent(text), sets)
    assert (answers is None) == bool(mistakes)
    return [str(mistake) for mistake in mistakes]


def test_version_alone_manages_nothing() -> None:
    assert read_answers("version: 1\n", name="f") == Answers()


def test_given_no_file_then_flags_alone_are_answers() -> None:
    assert read_answers(None, name="f", sets=["build={}"]) == Answers(build=Build())


def test_defaults_hold_inside_a_given_section() -> None:
    answers = read_answers("{version: 1, build: {}, pull: [{project: a/b}]}", name="f")
    assert answers.build == Build(engine="dind", platforms=("linux/amd64",), tags=("branch", "latest", "semver"))
    assert answers.pull == (Pull(project="a/b", as_="base", with_="auto"),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("version: 2", "line 1: version: unknown version: must be 1, the one that this program reads"),
        ("version: true", "line 1: version: unknown version: must be 1, the one that this program reads"),
        ("version: 1.0", "line 1: version: unknown version: must be 1, the one that this program reads"),
        ("build: {}", "line 1: version: is missing; write version: 1"),
        ("", "line 1: version: is missing; write version: 1"),
        ("version: 1\nbuid: {}", "line 2: buid: unknown key; did you mean 'build'?"),
        ("version: 1\npull:\n- {project: a/b, as_: job}", "line 3: pull.0.as_: unknown key; did you mean 'as'?"),
        ("version: 1\nproject: 7", 'line 2: project: must be text; write it in quotes: "7"'),
        ("version: 1\nproject: 2026-01-02", 'line 2: project: must be text; write it in quotes: "2026-01-02"'),
        ("version: 1\nproject: app", "line 2: project: must be a full project path such as group/project"),
        ("version: 1\non: 1", 'line 1: a key must be text; write it in quotes: "true"'),
        ("version: 1\npull:", "line 2: pull: must be a list"),
        ("version: 1\nbuild: {engine: doker}", "build.engine: must be dind, socket, buildkit, buildah or kaniko"),
        ("version: 1\nbuild: {platforms: []}", "build.platforms: needs at least one entry"),
        ("version: 1\nbuild: {platforms: [x]}", "build.platforms.0: must be OS/ARCHITECTURE such as linux/amd64"),
        ("version: 1\nbuild: {enabled: 'yes'}", "build.enabled: must be true or false"),
        ("version: 1\nbuild: {dockerfile: ../D}", "must be a path inside the repository, relative and without '..'"),
        ("version: 1\nregistry: {cleanup: {keep: 3}}", "registry.cleanup.keep: must be 1, 5, 10, 25, 50 or 100"),
        ("version: 1\nregistry: {cleanup: {keep: true}}", "registry.cleanup.keep: must be 1, 5, 10, 25, 50 or 100"),
        ("version: 1\nregistry: {cleanup: {retain: (}}", "registry.cleanup.retain: is not a regular expression"),
        (
            "version: 1\nregistry: {protect: no}",
            "registry.protect: must be none or a section with the keys push, delete",
        ),
        ("version: 1\nregistry: {protect: {push: x}}", "registry.protect.push: must be maintainer, owner or admin"),
        (
            "version: 1\nmirror: [{to: quay}]",
            "mirror.0.to: must be ecr, gar, acr, dockerhub, harbor, gitlab or generic",
        ),
        ("version: 1\nmirror: [{registry: x}]", "mirror.0.to: is missing"),
        ("version: 1\ndelivery: []", "delivery: must be a section with the keys mode, branch"),
        ("version: 1\nvariables: [{key: A, value: env:A, scope: ''}]", "variables.0.scope: must not be empty"),
        ("- 1", "line 1: must be a section with the keys version, project, registry"),
        ("version: 1\nversion: 1", "line 2: version: the key stands here twice"),
        ("version: 1\n\tx: 1", "line 2: not valid YAML: found character"),
        ("version: 1\nx: !!python/object:os.system y", "line 2: not valid YAML: could not determine a constructor"),
        ("a: &a [*a]", "line 1: a.0: an alias that contains itself"),
        pytest.param("[" * 5000, "too deeply nested", id="deep"),
        ("version: 1\n---\nversion: 1", "line 2: not valid YAML: but found another document"),
        ('version: 1\nproject: "\\ud800"', "line 2: project: holds a character that is none"),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, expected: str) -> None:
    assert any(expected in line for line in told(text)), told(text)


def test_an_alias_bomb_is_refused_quickly() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + at)}: &{chr(98 + at)} [{','.join(['*' + chr(97 + at)] * 10)}]\n" for at in range(9)
    )
    assert told(bomb) == ["more than 1000000 values once its aliases are followed"]


APP = (
    "version: 1\nbuild: {}\ndeploy: {kubernetes: {environments: [{name: s, namespace: s, agent: 'a/b:c'}], app: {%s}}}"
)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("port: '80'", "must be a number from 1 to 65535"),
        ("port: 0", "must be a number from 1 to 65535"),
        ("port: 65536", "must be a number from 1 to 65535"),
        ("port: 1.5", "must be a number from 1 to 65535"),
        ("port: true", "must be a number from 1 to 65535"),
        ("replicas: -1", "must be a number from 0 to 1000"),
        ("run_as: 0", "must be a number from 1 to 2147483647"),
        ("name: Web", "must be 1 to 63 lower-case letters, digits and inner hyphens"),
        ('name: "web\\n"', "must be 1 to 63 lower-case letters, digits and inner hyphens"),
        ("health_path: up", "must be a path of the web server that begins with /"),
    ],
)
def test_numbers_and_names_are_told_in_words(given: str, words: str) -> None:
    key = given.partition(":")[0]
    assert told(APP % given) == [f"line 3: deploy.kubernetes.app.{key}: {words}"]


EXTERNAL = "external: {host: h.example, repository: a, username: u, password: 'env:P'}"
SCENE = "{name: a, namespace: a, agent: 'a/b:c'}"
COPY = "{to: harbor, registry: h.example, repository: a, username: u, password: 'env:P'}"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("registry: {target: external}", ["registry.external: is missing: the target is external"]),
        (
            f"registry: {{target: external, {EXTERNAL}, visibility: private, cleanup: {{}}, protect: none}}",
            [
                f"registry.{key}: is for GitLab's own registry, but the target is external"
                for key in ("visibility", "cleanup", "protect")
            ],
        ),
        ("registry: {protect: {push: null, delete: null}}", ["registry.protect: limits neither push nor delete"]),
        (f"deploy: {{kubernetes: {{environments: [{SCENE}]}}}}", ["deploy: needs the image that the build makes"]),
        (f"mirror: [{COPY}]", ["mirror: needs the image that the build makes, but there is no build section"]),
        (
            f"build: {{enabled: false}}\nmirror: [{COPY}]",
            ["mirror: needs the image that the build makes, but the build is switched off"],
        ),
        (
            f"build: {{}}\ndeploy: {{kubernetes: {{environments: [{SCENE}, {SCENE}]}}}}",
            ["environments.1.name: the environment stands here twice, first as deploy.kubernetes.environments.0"],
        ),
        (
            "variables: [{key: A, value: env:A}, {key: A, value: env:B, scope: '*'}]",
            ["variables.1.key: the same key and scope stand here twice, first as variables.0"],
        ),
        ("variables: [{key: CI_X, value: env:A}]", ["variables.0.key: names that begin with CI_ are GitLab's own"]),
        (
            "variables: [{key: A, value: env:A, masked: false, hidden: true}]",
            ["variables.0.hidden: a hidden variable is always masked"],
        ),
        ("variables: [{key: A, value: plain}]", ["variables.0.value: a secret is never written here"]),
        (
            "variables: [{key: A, value: plain, masked: true, hidden: false}]",
            ["variables.0.value: a secret is never written here"],
        ),
        ("variables: [{key: A, value: 'literal:x'}]", ["variables.0.value: a secret is never written here"]),
        ("variables: [{key: A}]", ["variables.0.value: is missing: give a reference such as env:NAME"]),
        ("docker_auth: [{host: h}]", ["docker_auth.0.username: is missing", "docker_auth.0.password: is missing"]),
        (
            "docker_auth: [{host: h, absent: true}, {host: h, username: u, password: ask}]",
            ["docker_auth.1.host: the host stands here twice"],
        ),
        (
            "docker_auth: [{host: h, username: u, password: hunter2}]",
            ["docker_auth.0.password: name where the secret is: env:NAME, file:PATH, keyring:SERVICE/USER or ask"],
        ),
        (
            "docker_auth: [{host: h, absent: true}]\nvariables: [{key: DOCKER_AUTH_CONFIG, value: ask}]",
            ["variables.0.key: docker_auth writes this variable already"],
        ),
        (
            f"registry: {{target: external, {EXTERNAL}}}\nvariables: [{{key: DOCKER_REGISTRY_PASS, value: ask}}]",
            ["variables.0.key: registry.external writes this variable already"],
        ),
    ],
)
def test_what_contradicts_is_refused(given: str, expected: list[str]) -> None:
    lines = told(f"version: 1\n{given}")
    assert len(lines) == len(expected)
    for line, words in zip(lines, expected, strict=True):
        assert words in line


@pytest.mark.parametrize(
    "given",
    [
        f"registry: {{target: gitlab, {EXTERNAL}, visibility: private}}",
        "registry: {protect: none, cleanup: {enabled: false}}",
        "registry: {protect: {push: null}}",
        f"build: {{}}\nmirror: [{COPY}, {COPY}]",
        "variables: [{key: A, value: env:A}, {key: A, value: env:A, scope: production}]",
        "variables: [{key: A, value: plain, masked: false}, {key: B, absent: true}]",
        "variables: [{key: A, value: 'literal:env:A', masked: false, hidden: false}]",
        "variables: [{key: MY_CI_X, value: 'keyring:a/b'}, {key: DOCKER_AUTH_CONFIG, value: ask}]",
        "docker_auth: [{host: h, absent: true}]",
        "deploy: null\nregistry: null\nbuild: null",
    ],
)
def test_what_only_looks_like_a_contradiction_is_allowed(given: str) -> None:
    assert told(f"version: 1\n{given}") == []


def test_contradictions_are_found_beside_other_mistakes_and_in_flags() -> None:
    text = f"""\
        version: 3
        registry:
          target: external
          visibility: private
        mirror:
          - {COPY}
        buid: {{}}
        """
    assert told(text, "build.enabled=false", "variables=[{key: CI_A, value: env:A}]") == [
        "line 1: version: unknown version: must be 1, the one that this program reads",
        "line 2: registry.external: is missing: the target is external",
        "line 4: registry.visibility: is for GitLab's own registry, but the target is external",
        "line 5: mirror: needs the image that the build makes, but the build is switched off",
        "line 7: buid: unknown key; did you mean 'build'?",
        "--set variables: variables.0.key: names that begin with CI_ are GitLab's own",
    ]


def test_the_error_is_a_usage_error_that_names_the_file_and_every_mistake() -> None:
    with pytest.raises(UsageError) as caught:
        read_answers("version: 2\nbuid: {}\n", name="my.yml", sets=["project=x"])
    assert caught.value.exit is Exit.USAGE
    assert caught.value.message.splitlines() == [
        "The answers cannot be used:",
        "my.yml: line 1: version: unknown version: must be 1, the one that this program reads",
        "my.yml: line 2: buid: unknown key; did you mean 'build'?",
        "--set project: must be a full project path such as group/project",
    ]


def test_no_mistake_repeats_a_value() -> None:
    secret = "hunter2-hunter2"
    text = f"""\
        version: 1
        project: {secret}
        registry: {{target: {secret}, external: {{password: {secret}}}, protect: {secret}}}
        docker_auth: [{{host: h, username: u, password: {secret}}}, {secret}]
        mirror: [{{to: {secret}}}, {{to: ecr, role: {secret}}}]
        variables: [{{key: A, value: {secret}, type: {secret}, masked: {secret}}}]
        """
    lines = told(text, f"variables.1={{key: B, value: {secret}}}", f"build={secret}", f"pull={secret}: x")
    assert len(lines) > 12
    assert not any(secret in line for line in lines)


def test_terminal_escapes_in_keys_are_shown_not_obeyed() -> None:
    (line,) = told('version: 1\n"\\e[31mred": 1')
    assert line.startswith(r"line 2: \x1b[31mred: unknown key")


def test_a_draft_gives_answers_and_answers_a_draft() -> None:
    answers = read_answers("{version: 1, build: {engine: kaniko}, pull: [{project: a/b, as: job}]}", name="f")
    draft = draft_of(document_of(answers))
    assert draft.get("build.engine") == "kaniko"
    assert draft.get("version") is None
    assert answers_of(draft) == answers


def test_a_draft_that_is_not_complete_is_refused_without_a_line() -> None:
    with pytest.raises(UsageError, match=r"the answers: registry\.external: is missing"):
        answers_of(draft_of({"registry": {"target": "external"}}))


class TestTheFileOfADraft:
    FILE = "version: 1  # ours\nbuild: {engine: kaniko}\n"
    GIVEN = Draft({"build": {"engine": "kaniko"}})

    @pytest.mark.parametrize(
        "answered",
        [
            {"build": {"engine": "kaniko"}},
            {"build": {"engine": "kaniko", "enabled": True, "context": ".", "platforms": ["linux/amd64"]}},
            {"build": {"engine": "kaniko"}, "project": "acme/app", "delivery": {"mode": "working-tree"}},
        ],
    )
    def test_keeps_every_byte_where_it_means_the_same(self, answered: dict[str, Any]) -> None:
        assert text_of(Draft(answered), self.FILE, self.GIVEN, "acme/app") == self.FILE

    @pytest.mark.parametrize(
        "answered", [{"build": {"engine": "dind"}}, {"build": {"engine": "kaniko"}, "project": "acme/other"}]
    )
    def test_is_written_anew_where_something_was_answered_differently(self, answered: dict[str, Any]) -> None:
        written = text_of(Draft(answered), self.FILE, self.GIVEN, "acme/app")
        assert read_answers(written, name="f") == answers_of(Draft(answered))
        assert "# ours" not in written

    def test_is_written_where_there_was_none_and_holds_no_typed_value(self) -> None:
        typed = Draft({"variables": [{"key": "A", "value": Secret("m4rker")}]})
        assert "value: ask" in text_of(typed, None, Draft(), None)
