"""The generated scripts against a real registry: run by a POSIX shell, with skopeo, as a job would."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.generated_pipelines import BASE, ECR, HARBOR, load, script
from tests.real import oci
from tests.real.run import registries
from tests.real.run.daemons import free_port
from wizard.generate.pipeline import Pipeline, render_pipeline

PROGRAMS = ("docker-registry", "skopeo", "busybox", "setpriv")
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not all(map(shutil.which, PROGRAMS)), reason=f"needs {', '.join(PROGRAMS)}"),
]
PASSWORD = "pass word"
HASH = "$2b$04$abcdefghijklmnopqrstuuFcV8WPKEefLKdOWfX8pW1yTVya21P7a"
STUBS = {
    "apk": "exit 0",
    "aws": 'test -s "$AWS_WEB_IDENTITY_TOKEN_FILE" && printf "%s" "pass word"',
    # What buildx would leave: the archive, or the pushed image and its metadata.
    "docker": r"""
case "$*" in
  login*) cat > /dev/null ;;
  *type=oci,dest=*)
    for word in "$@"; do case "$word" in type=oci,dest=*) cp "$LAYOUT.tar" "${word#type=oci,dest=}" ;; esac; done ;;
  *) exit 0 ;;
esac""",
}


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry on loopback that wants a log-in."""
    folder = tmp_path_factory.mktemp("registry")
    (folder / "users").write_text(f"gitlab-ci-token:{HASH}\nAWS:{HASH}\n", encoding="utf-8")
    auth = {"htpasswd": {"realm": "test", "path": str(folder / "users")}}
    with registries.registry(folder, free_port(), auth) as running:
        yield running.address


@pytest.fixture
def layout(tmp_path: Path) -> tuple[Path, str]:
    """An OCI layout as buildx writes it, also as a tar file; and its digest."""
    folder = tmp_path / "layout"
    digest = oci.index(folder)
    with tarfile.open(f"{folder}.tar", "w") as tar:
        tar.add(folder, arcname=".")
    return folder, digest


class Runner:
    """Runs the script of one job, as GitLab Runner does, without a container around it."""

    def __init__(self, folder: Path, registry: str, layout: Path) -> None:
        programs = folder / "bin"
        programs.mkdir()
        for name, body in STUBS.items():
            (programs / name).write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
            (programs / name).chmod(0o755)
        settings = folder / ".config" / "containers"
        settings.mkdir(parents=True)
        plain = f'[[registry]]\nlocation = "{registry}"\ninsecure = true\n'
        (settings / "registries.conf").write_text(plain, encoding="utf-8")
        self.folder = folder
        self.environment = {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "LAYOUT": str(layout),
            "CI_REGISTRY": registry,
            "CI_REGISTRY_IMAGE": f"{registry}/acme/app",
            "CI_REGISTRY_USER": "gitlab-ci-token",
            "CI_REGISTRY_PASSWORD": PASSWORD,
            "CI_PROJECT_DIR": str(folder),
            "CI_PROJECT_ID": "1",
            "CI_PIPELINE_ID": "2",
            "CI_PIPELINE_IID": "7",
            "CI_PROJECT_URL": "https://gitlab.example.com/acme/app",
            "CI_COMMIT_SHA": "0" * 40,
            "CI_COMMIT_REF_SLUG": "main",
            "DOCKER_AUTH_CONFIG": json.dumps({"auths": {registry: {"auth": "bm9ib2R5Om5vdGhpbmc="}}}),
            BASE.user: "gitlab+deploy-token-1",
            BASE.password: "gldt",
        }

    def run(self, pipeline: Pipeline, job: str, **variables: str) -> subprocess.CompletedProcess[str]:
        document = load(render_pipeline(pipeline))
        own = {key: str(value) for key, value in document[job].get("variables", {}).items()}
        environment = {**own, **self.environment, **variables}
        return subprocess.run(
            ["busybox", "sh"],
            input=script(document, job),
            env=environment,
            cwd=self.folder,
            text=True,
            capture_output=True,
            check=False,
        )

    def digest(self, image: str) -> str | None:
        """Return the digest of an image in the registry."""
        user = f"gitlab-ci-token:{PASSWORD}"
        command = ["skopeo", "inspect", "--raw", "--tls-verify=false", "--creds", user, f"docker://{image}"]
        found = subprocess.run(command, capture_output=True, check=False)
        return f"sha256:{hashlib.sha256(found.stdout).hexdigest()}" if found.returncode == 0 else None


@pytest.fixture
def runner(tmp_path: Path, registry: str, layout: tuple[Path, str]) -> Runner:
    return Runner(tmp_path, registry, layout[0])


@pytest.fixture
def built(runner: Runner, layout: tuple[Path, str]) -> dict[str, str]:
    """The variables that the build job hands over, after the build pushed its archive."""
    done = runner.run(Pipeline(base_tokens=(BASE,)), "registry-image-build")
    assert done.returncode == 0, done.stderr
    lines = (runner.folder / "registry-image.env").read_text(encoding="utf-8").splitlines()
    handed = dict(line.split("=", 1) for line in lines)
    assert handed["REGISTRY_IMAGE_DIGEST"] == layout[1]
    return handed


def test_an_archive_is_pushed_whole_with_its_digest(runner: Runner, built: dict[str, str]) -> None:
    image = runner.environment["CI_REGISTRY_IMAGE"]
    assert built["REGISTRY_IMAGE"] == f"{image}@{built['REGISTRY_IMAGE_DIGEST']}"
    assert runner.digest(f"{image}:{'0' * 40}") == built["REGISTRY_IMAGE_DIGEST"]


@pytest.mark.parametrize(
    ("variables", "tags", "others"),
    [
        ({"CI_COMMIT_TAG": "v1.2.3"}, ["1.2.3", "1.2", "7"], ["latest"]),
        ({"CI_COMMIT_TAG": "2.0.0-rc.1"}, ["2.0.0-rc.1", "7"], ["2.0", "2.0.0"]),
        ({"CI_COMMIT_BRANCH": "main"}, ["main", "latest", "7"], []),
    ],
)
def test_tags_point_to_the_built_digest(
    runner: Runner, built: dict[str, str], variables: dict[str, str], tags: list[str], others: list[str]
) -> None:
    image = f"{runner.environment['CI_REGISTRY_IMAGE']}-{variables.get('CI_COMMIT_TAG', 'branch')}"
    pipeline = Pipeline(tags=("branch", "latest", "semver", "iid"))
    done = runner.run(pipeline, "registry-image-publish", **built, **variables, CI_REGISTRY_IMAGE=image)
    assert done.returncode == 0, done.stderr
    assert {tag: runner.digest(f"{image}:{tag}") for tag in tags} == dict.fromkeys(tags, built["REGISTRY_IMAGE_DIGEST"])
    assert {tag: runner.digest(f"{image}:{tag}") for tag in others} == dict.fromkeys(others)


def test_publishing_without_an_image_says_so(runner: Runner) -> None:
    done = runner.run(Pipeline(), "registry-image-publish", CI_COMMIT_BRANCH="main")
    assert done.returncode != 0
    assert "the build job handed no image over" in done.stderr


def test_a_mirrored_image_has_the_same_digest_and_a_retry_copies_nothing(
    runner: Runner, built: dict[str, str], registry: str
) -> None:
    target = f"{registry}/mirror/app"
    variables = {**built, "CI_COMMIT_TAG": "v1.2.3", "REGISTRY_TARGET": target, "REGISTRY_AWS_ID_TOKEN": "jwt"}
    first = runner.run(Pipeline(mirrors=(ECR,)), "registry-mirror-ecr", **variables)
    again = runner.run(Pipeline(mirrors=(ECR,)), "registry-mirror-ecr", **variables)
    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    assert runner.digest(f"{target}:v1.2.3") == built["REGISTRY_IMAGE_DIGEST"]
    assert "is there already" not in first.stdout
    assert "is there already" in again.stdout


def test_a_mirror_on_the_same_host_leaves_the_sources_log_in_alone(
    runner: Runner, built: dict[str, str], registry: str
) -> None:
    target = f"{registry}/other/app"
    log_in = {"MIRROR_HARBOR_USER": "AWS", "MIRROR_HARBOR_PASS": PASSWORD}
    done = runner.run(Pipeline(mirrors=(HARBOR,)), "registry-mirror-harbor", **built, **log_in, REGISTRY_TARGET=target)
    assert done.returncode == 0, done.stderr
    assert runner.digest(f"{target}:{'0' * 40}") == built["REGISTRY_IMAGE_DIGEST"]
    files = [json.loads(path.read_text(encoding="utf-8")) for path in runner.folder.glob("*/auth.json")]
    assert {registry, target} in [set(file["auths"]) for file in files]


def test_a_git_tag_that_no_image_can_have_is_refused(runner: Runner, built: dict[str, str], registry: str) -> None:
    variables = {**built, "CI_COMMIT_TAG": "release/1.0", "REGISTRY_AWS_ID_TOKEN": "jwt"}
    target = f"{registry}/mirror/app"
    done = runner.run(Pipeline(mirrors=(ECR,)), "registry-mirror-ecr", **variables, REGISTRY_TARGET=target)
    assert done.returncode != 0
    assert "release/1.0 cannot be the tag of an image" in done.stderr


@pytest.mark.parametrize(
    ("pipeline", "variables"),
    [
        (Pipeline(protected_only=True), {"CI_COMMIT_REF_PROTECTED": "false"}),
        (Pipeline(), {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "2", "CI_MERGE_REQUEST_PROJECT_ID": "1"}),
    ],
)
def test_where_pushing_is_not_allowed_the_job_builds_and_stops(
    runner: Runner, pipeline: Pipeline, variables: dict[str, str]
) -> None:
    done = runner.run(pipeline, "registry-image-build", **variables)
    assert done.returncode == 0, done.stderr
    assert "built, not pushed" in done.stdout
    assert "REGISTRY_IMAGE=" not in (runner.folder / "registry-image.env").read_text(encoding="utf-8")


def test_no_secret_is_printed(runner: Runner, built: dict[str, str]) -> None:
    done = runner.run(Pipeline(), "registry-image-publish", **built, CI_COMMIT_BRANCH="main")
    assert PASSWORD not in done.stdout + done.stderr
