"""Every pair of answers that shape files, generated and judged by the programs that will read them.

What judges: GitLab's CI schema (check-jsonschema), gitlab-ci-local, kubernetes-validate, kubectl's kustomize, hadolint,
shellcheck and busybox's shell.
"""

from __future__ import annotations

import codecs
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from tests.core.generated_pipelines import commands, jobs, load, script
from tests.real.matrix import mistakes
from tests.real.matrix.cases import AXES, Case, Rendered, cases, pairs, planned, possible_pairs, refusals, rendered
from tests.real.matrix.mistakes import IN_DOCKERFILES, IN_SCRIPTS
from tests.real.programs import gitlab_ci_local, needs, program
from tests.real.summary import tell
from wizard import layout
from wizard.errors import UsageError

pytestmark = [pytest.mark.real, pytest.mark.thorough]
KUBERNETES = sorted(
    tuple(map(int, found.name.removeprefix("v").partition("-")[0].split(".")[:2]))
    for found in (Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema").glob("*-strict")
)
"""Versions of Kubernetes that have a strict schema."""


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> tuple[Rendered, ...]:
    folder = tmp_path_factory.mktemp("matrix")
    return tuple(rendered(case, folder / str(case.number)) for case in cases())


def every_failure(
    matrix: Iterable[Rendered], judge: Callable[[Rendered], str | None], *, workers: int = 1
) -> dict[str, str]:
    """Judge every case; return what is wrong by case."""
    with ThreadPoolExecutor(workers) as pool:
        items = tuple(matrix)
        return {str(item.case): said for item, said in zip(items, pool.map(judge, items), strict=True) if said}


def run(*command: str, cwd: Path | None = None, text: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, input=text, text=True, capture_output=True, check=False)


def test_the_matrix_holds_every_answer_and_every_pair_of_answers() -> None:
    chosen: tuple[Case, ...] = cases()
    covered = set().union(*(pairs(case.labels) for case in chosen))
    assert covered == possible_pairs()
    assert {choice for pair in covered for choice in pair} == {
        (axis, label) for axis, labels in AXES.items() for label in labels
    }
    tell(
        f"matrix: {len(chosen)} cases hold {sum(map(len, AXES.values()))} answers and all {len(covered)} pairs of them"
    )


def test_the_matrix_is_the_same_in_every_run() -> None:
    show = "from tests.real.matrix.cases import cases; print([list(case.labels.values()) for case in cases()])"
    texts = [run("env", f"PYTHONHASHSEED={seed}", sys.executable, "-c", show).stdout for seed in ("1", "2")]
    assert texts[0] == texts[1] != ""


@pytest.mark.parametrize(
    ("code", "labels"), [pytest.param(*found, id=f"{found[0]}: {i}") for i, found in enumerate(refusals())]
)
def test_what_the_matrix_leaves_out_is_refused(code: str, labels: Mapping[str, str]) -> None:
    with pytest.raises(UsageError) as refusal:
        planned(labels)
    assert refusal.value.code == code


def test_every_pipeline_fits_gitlabs_schema(matrix: Sequence[Rendered]) -> None:
    names = [str(item.folder / path) for item in matrix for path in (layout.CI_FILE, layout.PIPELINE)]
    done = run(
        program("check-jsonschema"), "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci",
        "--output-format", "json", *names,
    )  # fmt: skip
    assert json.loads(done.stdout) | {"message": ""} == {"status": "ok", "errors": [], "message": ""}


@needs(["git"])
def test_gitlab_ci_local_takes_every_pipeline(matrix: Sequence[Rendered], tmp_path: Path) -> None:
    command = (
        *gitlab_ci_local(),
        "--preview",
        # One of the present pipelines overrides a predefined variable, which is told on stdout unless ignored.
        "--ignore-predefined-vars=CI_REGISTRY",
        # The schema, which is GitLab's, is another test's, and takes two thirds of the time.
        "--json-schema-validation=false",
    )
    git = _first_commit(tmp_path)

    def judge(item: Rendered) -> str | None:
        _as_repository(item.folder, git)
        done = run(*command, cwd=item.folder)
        if done.returncode:
            return done.stdout + done.stderr
        found = set(yaml.safe_load(done.stdout))
        ours = {name for name, _ in jobs(load(item.text(layout.PIPELINE)))}
        return None if ours <= found else f"missing: {sorted(ours - found)}"

    assert every_failure(matrix, judge, workers=2) == {}


def _first_commit(folder: Path) -> Path:
    """Return the `.git` of a clone: gitlab-ci-local asks for its remote and its default branch."""
    for command in (
        ("git", "init", "--quiet", "--initial-branch=main"),
        ("git", "config", "user.name", "T"),
        ("git", "config", "user.email", "t@example.com"),
        ("git", "remote", "add", "origin", "git@gitlab.example.com:acme/team/app.git"),
        ("git", "commit", "--no-gpg-sign", "--quiet", "--allow-empty", "--message", "First"),
        ("git", "update-ref", "refs/remotes/origin/main", "HEAD"),
        ("git", "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"),
    ):
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / ".git"


def _as_repository(folder: Path, git: Path) -> None:
    file = folder / layout.CI_FILE
    # GitLab reads past a byte order mark; gitlab-ci-local takes it for a part of the first key.
    file.write_bytes(file.read_bytes().removeprefix(codecs.BOM_UTF8))
    shutil.copytree(git, folder / ".git")
    # gitlab-ci-local includes only files that git knows.
    subprocess.run(("git", "add", "--all"), cwd=folder, check=True, capture_output=True)


def _scripts(matrix: Sequence[Rendered]) -> dict[str, str]:
    """Return every script that a runner would execute, once, with the first case and job that has it."""
    found: dict[str, str] = {}
    for item in matrix:
        document = load(item.text(layout.PIPELINE))
        for name, body in jobs(document):
            found.setdefault(script(document, name), f"{name} of {item.case}")
            for command in commands(document, name, "after_script") if "after_script" in body else ():
                found.setdefault(command, f"after_script of {name} of {item.case}")
    return found


def test_every_script_is_clean_for_shellcheck(matrix: Sequence[Rendered], tmp_path: Path) -> None:
    scripts = _scripts(matrix)
    for number, text in enumerate(scripts):
        (tmp_path / f"{number}.sh").write_text(text, encoding="utf-8")
    names = [f"{number}.sh" for number in range(len(scripts))]
    done = run(program("shellcheck"), "--shell=sh", "--severity=style", "--format=gcc", *names, cwd=tmp_path)
    assert done.stdout + done.stderr == ""
    tell(f"matrix: {len(scripts)} different scripts")


@needs(["busybox"])
def test_every_script_is_read_by_busybox(matrix: Sequence[Rendered]) -> None:
    for text, where in _scripts(matrix).items():
        done = run("busybox", "sh", "-n", text=text)
        assert (done.returncode, done.stderr) == (0, ""), where


def test_no_job_makes_a_mistake_that_is_known(matrix: Sequence[Rendered]) -> None:
    made = {problem: where for text, where in _scripts(matrix).items() for problem in mistakes.found(IN_SCRIPTS, text)}
    for item in matrix:
        document = load(item.text(layout.PIPELINE))
        for name, job in jobs(document):
            made |= dict.fromkeys(mistakes.of_job(name, job, script(document, name)), str(item.case))
    assert made == {}


def test_no_dockerfile_makes_a_mistake_that_is_known(matrix: Sequence[Rendered]) -> None:
    written = {item.text("Dockerfile"): item for item in matrix if "Dockerfile" in item.written}
    made = {
        problem: str(item.case)
        for text, item in written.items()
        for problem in mistakes.found(IN_DOCKERFILES, text)
        if "npm install" not in problem or (item.folder / "package-lock.json").exists()
    }
    assert made == {}
    assert all("dump-autoload" in text for text in written if "composer install" in text)


@pytest.mark.parametrize(("known", "name"), [(known, name) for known in (IN_SCRIPTS, IN_DOCKERFILES) for name in known])
def test_a_known_mistake_is_found_where_it_is_made(known: Mapping[str, tuple[str, str]], name: str) -> None:
    assert any(problem.startswith(name) for problem in mistakes.found(known, known[name][0]))


def test_every_dockerfile_is_clean_for_hadolint(matrix: Sequence[Rendered]) -> None:
    written = {item.text("Dockerfile"): item for item in matrix if "Dockerfile" in item.written}
    names = [str(item.folder / "Dockerfile") for item in written.values()]
    done = run(program("hadolint"), "--no-color", "--failure-threshold", "style", *names)
    assert done.stdout + done.stderr == ""
    assert len(written) >= len(AXES["dockerfile"]) - 2


def _whole_manifest(path: str) -> bool:
    """Whether a file holds an object, and no patch of one."""
    return path.startswith("k8s/") or bool(re.fullmatch(r"\.gitlab/k8s/[^/]+/(?:namespace|image)\.yaml", path))


def _environments(item: Rendered) -> list[str]:
    return [path for path in item.written if path.startswith("k8s/overlays/") and path.endswith("/kustomization.yaml")]


@pytest.mark.parametrize("version", [KUBERNETES[0], KUBERNETES[-1]], ids=str)
def test_every_manifest_is_valid_for_the_oldest_and_the_newest_kubernetes(
    matrix: Sequence[Rendered], version: tuple[int, ...]
) -> None:
    texts = {item.text(path): item for item in matrix for path in item.written if _whole_manifest(path)}
    checked = 0
    for text, item in texts.items():
        document = yaml.safe_load(text)
        if document["kind"] == "Kustomization":
            continue
        checked += 1
        try:
            kubernetes_validate.validate(document, ".".join(map(str, version)), strict=True)
        except kubernetes_validate.ValidationError as error:
            raise AssertionError(f"{item.case}: {error.message}") from None
    assert checked > 20


def test_kubectl_builds_every_overlay_and_what_comes_out_is_valid(matrix: Sequence[Rendered]) -> None:
    kubectl = program("kubectl")
    different = {
        "".join(item.text(path) for path in item.written if path.startswith("k8s/")): item
        for item in matrix
        if _environments(item)
    }

    def judge(item: Rendered) -> str | None:
        wrong = [_built(kubectl, item, path) for path in _environments(item)]
        return "; ".join(filter(None, wrong)) or None

    assert every_failure(different.values(), judge, workers=2) == {}


def _built(kubectl: str, item: Rendered, path: str) -> str | None:
    folder = str(Path(path).parent)
    done = run(kubectl, "kustomize", folder, cwd=item.folder)
    if done.returncode or done.stderr:
        return done.stderr
    objects = {document["kind"]: document for document in yaml.safe_load_all(done.stdout)}
    if set(objects) != {"ServiceAccount", "Deployment", "Service"}:
        return f"{folder} holds {sorted(objects)}"
    for document in objects.values():
        kubernetes_validate.validate(document, ".".join(map(str, KUBERNETES[-1])), strict=True)
    namespace = yaml.safe_load(item.text(f"{folder}/namespace.yaml"))["metadata"]["name"]
    image = objects["Deployment"]["spec"]["template"]["spec"]["containers"][0]["image"]
    found = ({found["metadata"]["namespace"] for found in objects.values()}, image.rpartition(":")[2])
    return None if found == ({namespace}, "unset") else f"{folder}: {found}"


def test_kubectl_builds_every_overlay_on_their_own_manifests(matrix: Sequence[Rendered]) -> None:
    kubectl = program("kubectl")
    overlays = {
        "".join(item.text(file) for file in item.written if file.startswith(folder)): (item, folder)
        for item in matrix
        for folder in {str(Path(path).parent) for path in item.written if path.startswith(layout.adopting_overlay(""))}
    }
    wrong = [_built_upon(kubectl, item, folder) for item, folder in overlays.values()]
    assert list(filter(None, wrong)) == []
    tell(f"matrix: {len(overlays)} different overlays on manifests that are there")
    assert len(overlays) > 10


def _built_upon(kubectl: str, item: Rendered, folder: str) -> str | None:
    done = run(kubectl, "kustomize", "--load-restrictor", "LoadRestrictionsNone", folder, cwd=item.folder)
    if done.returncode or done.stderr:
        return done.stderr
    objects = list(yaml.safe_load_all(done.stdout))
    for document in objects:
        kubernetes_validate.validate(document, ".".join(map(str, KUBERNETES[-1])), strict=True)
    namespace = yaml.safe_load(item.text(f"{folder}/namespace.yaml"))["metadata"]["name"]
    chosen = yaml.safe_load(item.text(f"{folder}/kustomization.yaml"))["replacements"][0]["targets"]
    named = (
        {found["metadata"].get("namespace", namespace) for found in objects},
        done.stdout.count(":unset\n"),
        done.stdout.count("imagePullSecrets:"),
    )
    wanted = ({namespace}, sum(len(target["fieldPaths"]) for target in chosen), len(chosen))
    return None if named == wanted else f"{folder}: {named}, not {wanted}"


@pytest.mark.parametrize(
    ("judge", "text", "said"),
    [
        (
            ("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci"),
            "job: {when: sometimes, script: x}\n",
            "sometimes",
        ),
        (("shellcheck", "--shell=sh", "--severity=style"), "echo $1\n", "SC2086"),
        (("busybox", "sh", "-n"), "if true; then\n", "syntax error"),
        (("hadolint", "--failure-threshold", "style"), "FROM debian:latest\nRUN cd /\n", "DL3007"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_what_judges_finds_faults(judge: Sequence[str], text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "file.yml"
    file.write_text(text, encoding="utf-8")
    done = run(program(judge[0]), *judge[1:], str(file))
    assert done.returncode != 0
    assert said in done.stdout + done.stderr


def test_the_strict_schemas_of_kubernetes_find_a_wrong_key() -> None:
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "a"}, "imagePullSecret": []}
    for version in (KUBERNETES[0], KUBERNETES[-1]):
        with pytest.raises(kubernetes_validate.ValidationError, match="imagePullSecret"):
            kubernetes_validate.validate(account, ".".join(map(str, version)), strict=True)
