"""What a repository holds is recognised from paths and contents, whatever they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.generate.detection import Detection, detect, wanted
from wizard.generate.dockerfile_facts import Dockerfile, is_dockerfile, read_dockerfile

CASES = Path(__file__).parent / "detection_cases"


def cases(file: str) -> list[Any]:
    documents = yaml.safe_load((CASES / file).read_text(encoding="utf-8"))
    return [pytest.param(document, id=document["name"]) for document in documents]


def as_read(files: dict[str, str]) -> dict[str, bytes]:
    """Return what a caller reads: the content where it is wanted, else only that the file is there."""
    return {path: content.encode() if wanted(path) else b"" for path, content in files.items()}


@pytest.mark.parametrize("case", cases("stacks.yml"))
def test_a_stack_is_recognised(case: dict[str, Any]) -> None:
    detection = detect(as_read(case["files"]))
    assert [stack.name for stack in detection.stacks] == [case["stack"]]
    stack = detection.stack
    facts: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in case["facts"].items()
    }
    assert {key: getattr(stack, key) for key in facts} == facts
    assert stack is not None
    assert len(stack.guesses) == case.get("guesses", 0), stack.guesses


@pytest.mark.parametrize("case", cases("dockerfiles.yml"))
def test_a_dockerfile_is_read(case: dict[str, Any]) -> None:
    facts: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in case["facts"].items()
    }
    assert read_dockerfile("Dockerfile", case["text"].replace("\r\n", "\n")) == Dockerfile(path="Dockerfile", **facts)


def test_several_stacks_are_a_question() -> None:
    detection = detect({"go.mod": b"module x", "package.json": b"{}"})
    assert [stack.name for stack in detection.stacks] == ["go", "node"]
    assert detection.stack is None
    assert detection.stack_named("node") is not None


def test_only_the_root_counts() -> None:
    assert detect({"services/api/go.mod": b"module x", "web/package.json": b"{}"}) == Detection()


def test_dockerfiles_of_the_root_come_first() -> None:
    found = detect({"a/Dockerfile": b"FROM x", "Dockerfile": b"FROM y", "Dockerfile.web": b"", "x.dockerfile": b""})
    assert [file.path for file in found.dockerfiles] == ["Dockerfile", "Dockerfile.web", "x.dockerfile", "a/Dockerfile"]
    assert found.dockerfile is not None
    assert found.dockerfile.bases == ("y",)
    assert found.dockerfile_at("a/Dockerfile") is not None
    assert found.dockerfile_at("b/Dockerfile") is None


def test_a_containerfile_counts_as_well() -> None:
    found = detect({"Containerfile": b"FROM x\nUSER 5"})
    assert found.dockerfile is not None
    assert found.dockerfile.user == 5


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Dockerfile", True),
        ("docker/web.Dockerfile", True),
        ("Dockerfile.j2", False),
        (".dockerignore", False),
        ("Dockerfile.dockerignore", False),
        ("docs/dockerfile.md", False),
    ],
)
def test_a_dockerfile_is_known_by_its_name(path: str, expected: bool) -> None:
    assert is_dockerfile(path) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("package.json", True),
        ("web/package.json", False),
        ("package-lock.json", False),
        ("uv.lock", False),
        (".gitlab-ci.yml", True),
        ("k8s/base/deployment.yaml", True),
        ("deploy/app.yml", True),
        ("charts/app/templates/deployment.yaml", False),
        ("src/Api/Api.csproj", True),
        ("cmd/app/main.go", True),
        ("pkg/store/store.go", False),
        ("app/main.py", True),
        ("app/models/user.py", False),
        ("README.md", False),
    ],
)
def test_only_contents_that_matter_are_read(path: str, expected: bool) -> None:
    assert wanted(path) is expected


HOSTILE = [
    b"\xff\xfe\x00" * 1000,
    b"\x00" * 5000,
    b"[" * 200_000,
    b"kind: Deployment\nx: " + b"[" * 100_000,
    b"kind: Deployment\na: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\nmetadata: {name: 1}\n",
    b"{" + b'"a":' * 100_000,
    b"FROM x\n" * 200_000,
    b"ARG " + b"a" * 2_000_000,
    b"\\\n" * 100_000,
    "Dépendances 🚀".encode("utf-16"),
    b"kind: Deployment\n? [a]\n: b\n",
]
PATHS = ["Dockerfile", "package.json", "composer.json", "pyproject.toml", "requirements.txt", "pom.xml", "build.gradle"]
PATHS += [
    "Cargo.toml",
    "Gemfile",
    "go.mod",
    "App.csproj",
    "k8s/a.yaml",
    ".nvmrc",
    ".python-version",
    "app.py",
    "manage.py",
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_garbage_is_passed_over(number: int) -> None:
    detect(dict.fromkeys(PATHS, HOSTILE[number]))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
fields = st.sampled_from(["scripts", "dependencies", "devDependencies", "engines", "packageManager", "main", "require"])


@settings(max_examples=60, deadline=None)
@given(document=st.dictionaries(fields, json_values), bytes_=st.binary(max_size=60), text=st.text(max_size=60))
def test_unexpected_values_are_passed_over(document: dict[str, Any], bytes_: bytes, text: str) -> None:
    """Given manifests whose fields hold anything, then something is returned."""
    manifest = json.dumps(document).encode()
    detect({"package.json": manifest, "composer.json": manifest, "Dockerfile": text.encode(), "go.mod": bytes_})
    read_dockerfile("Dockerfile", f"FROM x\nARG {text}\nENV {text}\nEXPOSE {text}\nUSER {text}\nCOPY {text}")
