"""An image of another project as a base: pulled with the allowlist entry or the deploy token that the wizard made.

Without it, and for somebody without a role there, the pull is denied as GitLab denies it.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.real import oci
from tests.real.run.company import APP, BASE, TOKENS, Company, answers_file, commit, repository
from tests.real.run.engine import Engine
from tests.real.run.engines import runner_for
from tests.real.run.registries import PASSWORDS, Registry
from tests.real.run.runner import Done, Runner

pytestmark = pytest.mark.real
MAINTAINER = f"maint:{TOKENS['maint']}"
IMAGE = "python:3.14"
DENIED = ("denied", "insufficient_scope", "invalid username/password")
"""What clients say of a 401 of the registry, of a 403, and of a credential that is none (any more)."""
WAYS = [
    ("job-token", "buildah"),
    ("job-token", "socket"),
    ("deploy-token", "buildah"),
    # One log-in per host: an archive, which skopeo pushes.
    ("deploy-token", "socket"),
]


@dataclass
class Consumer:
    """A project whose Dockerfile starts from an image of another one."""

    gitlab: Company
    runner: Runner
    way: str

    def build(self, who: str = "dev") -> Done:
        return self.runner.run("registry-image-build", self.gitlab.start_job(started_by=who))

    def take_away(self) -> None:
        """Take back behind the wizard's back what it set up in the source project."""
        source = self.gitlab.project(BASE)
        if self.way == "job-token":
            assert source.job_token_scope.projects == [APP]
            source.job_token_scope.projects.clear()
        else:
            assert source.job_token_scope.projects == []
            for token in source.deploy_tokens:
                token.revoked = True


@pytest.fixture(scope="module", params=WAYS, ids="-".join)
def consumer(
    request: pytest.FixtureRequest,
    gitlab: Company,
    elsewhere: Registry,
    docker: Engine,
    tmp_path_factory: pytest.TempPathFactory,
) -> Consumer:
    way, engine = request.param
    folder = tmp_path_factory.mktemp("consumer")
    share_base(gitlab, folder)
    answers = {
        "project": APP,
        "build": {"engine": engine, "tags": []},
        "pull": [{"project": BASE, "image": IMAGE, "as": "base", "with": way}],
    }
    files = {
        "Dockerfile": f"FROM {gitlab.registry.address}/{BASE}/{IMAGE}\nCOPY README.md /app\nUSER 1000\n",
        "README.md": "# app\n",
        ".gitlab/registry-wizard.yml": answers_file(answers),
    }
    repo = repository(folder / "app", files)
    applied = gitlab.wizard("apply", "--yes", repo=repo)
    assert applied.code == 0, applied.err
    commit(repo, "Set the registry up")
    return Consumer(gitlab, runner_for(engine, docker, repo, (gitlab.registry.address, elsewhere.address)), way)


def share_base(gitlab: Company, folder: Path) -> str:
    """Start with a fresh world, and an image in the registry of the base project; returns its digest."""
    gitlab.start_from()
    digest = oci.index(folder / "base", {"base": b"image"})
    gitlab.registry.push(folder / "base", f"{BASE}/{IMAGE}", MAINTAINER)
    return digest


def test_a_base_image_is_pulled_until_the_way_is_taken_back(consumer: Consumer) -> None:
    done = consumer.build()
    assert done.code == 0, done.log
    assert consumer.runner.handed_over()["REGISTRY_IMAGE_DIGEST"].startswith("sha256:")
    consumer.take_away()
    refused = consumer.build()
    assert refused.code != 0
    assert any(word in refused.log for word in DENIED), refused.log


def test_the_job_token_of_somebody_without_a_role_there_is_denied(
    gitlab: Company, docker: Engine, elsewhere: Registry, tmp_path: Path
) -> None:
    digest = share_base(gitlab, tmp_path)
    gitlab.project(BASE).job_token_scope.projects.append(APP)
    image = f"{BASE}/{IMAGE}"

    def pulled_by(who: str) -> str | None:
        return gitlab.registry.digest(image, f"gitlab-ci-token:{gitlab.start_job(started_by=who).token}")

    assert {who: pulled_by(who) for who in ("maint", "dev", "newcomer")} == {
        "maint": digest, "dev": digest, "newcomer": None,
    }  # fmt: skip


def pulled_as_runner(gitlab: Company, image: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Pull a job's `image:` as GitLab Runner does: with DOCKER_AUTH_CONFIG, else with the token of the job.

    skopeo plays the runner: it reads the same file, with the same keys that are paths.
    """
    job = gitlab.start_job()
    command = ["skopeo", "inspect", "--tls-verify=false", "--format", "{{.Digest}}"]
    config = job.variables.get("DOCKER_AUTH_CONFIG")
    if config:
        (folder / "auth.json").write_text(config, encoding="utf-8")
        command += ["--authfile", str(folder / "auth.json")]
    else:
        command += ["--creds", f"gitlab-ci-token:{job.token}"]
    return subprocess.run([*command, f"docker://{image}"], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("way", ["job-token", "deploy-token"])
def test_the_image_of_a_job_is_pulled_until_the_way_is_taken_back(way: str, gitlab: Company, tmp_path: Path) -> None:
    digest = share_base(gitlab, tmp_path)
    pull = {"project": BASE, "image": IMAGE, "as": "job", "with": way}
    answers = answers_file({"project": APP, "build": {"enabled": False}, "pull": [pull]})
    repo = repository(tmp_path / "app", {".gitlab/registry-wizard.yml": answers})
    applied = gitlab.wizard("apply", "--yes", repo=repo)
    assert applied.code == 0, applied.err
    image = f"{gitlab.registry.address}/{BASE}/{IMAGE}"
    assert pulled_as_runner(gitlab, image, tmp_path).stdout.strip() == digest
    if way == "job-token":
        gitlab.project(BASE).job_token_scope.projects.clear()
    else:
        assert gitlab.project(BASE).job_token_scope.projects == []
        gitlab.project(BASE).deploy_tokens[0].revoked = True
    refused = pulled_as_runner(gitlab, image, tmp_path)
    assert refused.returncode != 0
    assert any(word in refused.stderr for word in DENIED), refused.stderr


def test_a_runner_pulls_from_another_registry_by_docker_auth_config(
    gitlab: Company, elsewhere: Registry, tmp_path: Path
) -> None:
    gitlab.start_from()
    password = PASSWORDS["robot$ci"][0]
    digest = oci.index(tmp_path / "tool")
    elsewhere.push(tmp_path / "tool", "tools/lint:1", f"robot$ci:{password}")
    auth = {"host": elsewhere.address, "username": "robot$ci", "password": "env:PASSWORD"}
    answers = answers_file({"project": APP, "build": {"enabled": False}, "docker_auth": [auth]})
    repo = repository(tmp_path / "app", {".gitlab/registry-wizard.yml": answers})
    image = f"{elsewhere.address}/tools/lint:1"
    assert pulled_as_runner(gitlab, image, tmp_path).returncode != 0
    applied = gitlab.wizard("apply", "--yes", repo=repo, PASSWORD=password)
    assert applied.code == 0, applied.err
    assert pulled_as_runner(gitlab, image, tmp_path).stdout.strip() == digest
