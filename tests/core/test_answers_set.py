"""`--set KEY=VALUE` over an answers file."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard import documents
from wizard.answers_file import check
from wizard.answers_text import scalar
from wizard.layers import NO_FILE, layered

FILE = """\
version: 1
build: {engine: dind, tags: [latest]}
docker_auth:
  - {host: harbor.example.com, username: a, password: env:A}
  - {host: other.example.com:5000/x, username: b, password: env:B}
variables:
  - {key: A, value: env:A}
  - {key: A, value: env:A, scope: production}
  - {key: B, value: env:B}
deploy: {kubernetes: {environments: [{name: staging, namespace: s, agent: "a/b:c"}]}}
mirror: [{to: gar, registry: r.dev, repository: a, audience: x, service_account: y}]
pull: [{project: a/my.base}]
"""


def laid(*sets: str, text: str = FILE) -> Any:
    layers = layered(documents.read(text), sets)
    assert not layers.mistakes
    return layers.data


def refused(*sets: str) -> list[str]:
    return [str(mistake) for mistake in layered(documents.read(FILE), sets).mistakes]


@pytest.mark.parametrize(
    ("flag", "path", "value"),
    [
        ("build.engine=kaniko", ("build", "engine"), "kaniko"),
        ("build.tags=[semver, iid]", ("build", "tags"), ["semver", "iid"]),
        ("build.tags.0=iid", ("build", "tags", 0), "iid"),
        ("build.tags.1=iid", ("build", "tags"), ["latest", "iid"]),
        ("build={engine: kaniko}", ("build",), {"engine": "kaniko"}),
        ("deploy=null", ("deploy",), None),
        ("build.context=", ("build", "context"), None),
        ("registry.cleanup.keep=25", ("registry", "cleanup", "keep"), 25),
        ('registry.cleanup.remove="a: b"', ("registry", "cleanup", "remove"), "a: b"),
        ("docker_auth.0.username=robot$ci", ("docker_auth", 0, "username"), "robot$ci"),
        ("docker_auth.host=harbor.example.com.username=x", ("docker_auth", 0, "username"), "x"),
        ("docker_auth.host=other.example.com:5000/x.password=env:C=D", ("docker_auth", 1, "password"), "env:C=D"),
        ("docker_auth.host=harbor.example.com={host: n}", ("docker_auth", 0), {"host": "n"}),
        ("docker_auth.2={host: n}", ("docker_auth", 2), {"host": "n"}),
        ("variables.key=B.masked=false", ("variables", 2, "masked"), False),
        ("deploy.kubernetes.environments.name=staging.when=manual", ("deploy", "kubernetes", "environments", 0, "when"),
         "manual"),
        ("mirror.to=gar.when=manual", ("mirror", 0, "when"), "manual"),
        ("pull.project=a/my.base.as=job", ("pull", 0, "as"), "job"),
    ],
)  # fmt: skip
def test_a_flag_sets_one_place_and_nothing_else(flag: str, path: tuple[str | int, ...], value: Any) -> None:
    data, before = laid(flag), laid()
    for part in path:
        data = data[part]
    assert data == value
    other = next(key for key in before if key != path[0])
    assert laid(flag)[other] == before[other]


def test_the_later_flag_wins_and_the_file_is_not_touched() -> None:
    document = documents.read(FILE)
    layers = layered(document, ["build.engine=kaniko", "build.engine=buildah"])
    assert layers.data["build"] == {"engine": "buildah", "tags": ["latest"]}
    assert document.data["build"]["engine"] == "dind"


def test_flags_alone_make_a_document() -> None:
    sets = ["pull.0.project=a/b", "pull.0.as=job", "pull.1={project: c/d}"]
    data = {"version": 1, "pull": [{"project": "a/b", "as": "job"}, {"project": "c/d"}]}
    assert layered(NO_FILE, sets).data == data


@pytest.mark.parametrize(
    ("flag", "words"),
    [
        ("build", "--set: unknown key"),
        ("buid.engine=x", "--set buid.engine: unknown key 'buid'; did you mean 'build'?"),
        ("build.engin=x", "--set build.engin: unknown key 'engin'; did you mean 'engine'?"),
        ("build.engine.x=1", "--set build.engine.x: build.engine has no keys below it"),
        ("pull.project=b", "--set pull.project: name an item of pull by its index or as pull.project=NAME.KEY=VALUE"),
        ("pull.name=b.as=job", "--set pull.name: name an item of pull by its index"),
        ("pull.3.as=job", "--set pull.3.as: pull has 1 entries; the next one is pull.1"),
        ("pull.project=x/y.as=job", "no item has that project (there: a/my.base); use the index, pull.1 appends"),
        ("variables.key=A.masked=false", "several items have that key"),
        ("build.tags.name=x=1", "name an entry of build.tags by its index: build.tags.0, build.tags.1, …"),
        ("build.engine=a: b", "--set build.engine: the value must be a scalar, [a list] or {a: mapping}"),
        ("build.engine={a", "--set build.engine: not valid YAML"),
        ("=x", "unknown key ''"),
        ("", "unknown key ''"),
    ],
)
def test_a_flag_that_cannot_be_meant_is_named(flag: str, words: str) -> None:
    if flag == "build":
        assert refused(flag) == ["--set: must be KEY=VALUE"]
    else:
        (line,) = refused(flag)
        assert words in line


def test_a_wrong_value_names_the_flag_even_where_the_file_had_a_line() -> None:
    _, mistakes = check(FILE, ["build={engine: x}", "docker_auth.0.username=5", "pull.1.as=job"])
    assert sorted(str(mistake) for mistake in mistakes) == [
        "--set build: build.engine: must be dind, socket, buildkit, buildah or kaniko",
        '--set docker_auth.0.username: must be text; write it in quotes: "5"',
        "--set pull.1.as: pull.1.project: is missing",
    ]


def test_mistakes_of_the_file_keep_their_lines_beside_flags() -> None:
    _, mistakes = check("version: 1\nbuild: {engine: x, stack: y}\n", ["build.engine=dind"])
    assert [mistake.line for mistake in mistakes] == [2]


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_text_arrives_unchanged_when_quoted(text: str) -> None:
    layers = layered(NO_FILE, [f"registry.cleanup.remove={scalar(text)}"])
    assert not layers.mistakes
    assert layers.data["registry"]["cleanup"]["remove"] == text


@given(st.lists(st.text(max_size=40), max_size=4))
def test_no_flag_whatever_it_says_ends_in_an_exception(sets: list[str]) -> None:
    answers, mistakes = check("version: 1", sets)
    assert (answers is None) == bool(mistakes)


KEYS = st.sampled_from(
    ["build", "pull", "0", "1", "engine", "key=A", "variables", "host=h", "deploy", "kubernetes", "x"]
)


@given(st.lists(KEYS, min_size=1, max_size=4), st.sampled_from(["=1", "={a: b}", "=[x]", "", "=null", "=env:A"]))
def test_no_mixture_of_keys_ends_in_an_exception(parts: list[str], value: str) -> None:
    answers, mistakes = check(FILE, [".".join(parts) + value])
    assert (answers is None) == bool(mistakes)
