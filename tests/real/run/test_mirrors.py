"""Every kind of mirror: the job's own script logs in there and copies, and the digest is the same.

The scripts run in a shell of this machine; in a container they run in `test_pipeline`.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.real import oci
from tests.real.programs import needs, prepared
from tests.real.run.cloud import (
    AZURE_ACCESS,
    AZURE_CLIENT,
    AZURE_REFRESH,
    AZURE_TENANT,
    FEDERATED,
    GOOGLE_ACCESS,
    GOOGLE_ACCOUNT,
    GOOGLE_POOL,
    ID_TOKEN,
    cloud,
)
from tests.real.run.company import APP, COPY, PUSH_TOKEN, PUSHER, TOKENS, Company, answers_file, repository
from tests.real.run.daemons import answers_http, daemon, free_port
from tests.real.run.registries import PASSWORDS, Registry
from tests.real.run.shell import run_script

pytestmark = [pytest.mark.real, pytest.mark.thorough, needs(["busybox", "curl", "jq"])]
MAINTAINER = f"maint:{TOKENS['maint']}"
ROBOT, PASSWORD = "robot$ci", PASSWORDS["robot$ci"][0]
ECR_HOST = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
ROLE = "arn:aws:iam::123456789012:role/push"
SECRETS = (PASSWORD, PUSH_TOKEN, ID_TOKEN, FEDERATED, GOOGLE_ACCESS, AZURE_ACCESS, AZURE_REFRESH, *TOKENS.values())


@dataclass(frozen=True)
class Mirror:
    """A project with one mirror and an image to copy."""

    gitlab: Company
    elsewhere: Registry
    repo: Path
    home: Path
    digest: str

    def run(self, to: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run the mirror's job as a pipeline of the default branch would."""
        job = self.gitlab.start_job()
        image = f"{self.gitlab.registry.address}/{APP}"
        handed = {"REGISTRY_IMAGE": f"{image}@{self.digest}", "REGISTRY_IMAGE_DIGEST": self.digest}
        insecure = (self.gitlab.registry.address, self.elsewhere.address)
        done = run_script(self.repo, f"registry-mirror-{to}", job, self.home, insecure=insecure, **handed, **more)
        shown = done.stdout + done.stderr
        assert [secret for secret in (*SECRETS, job.token) if secret in shown] == []
        return done

    def copied(self, repository: str) -> str:
        """Return where the copy of this pipeline's image is."""
        return f"{repository}:{self.gitlab.start_job().variables['CI_COMMIT_SHA']}"


@pytest.fixture
def mirror(request: pytest.FixtureRequest, gitlab: Company, elsewhere: Registry, tmp_path: Path) -> Mirror:
    """What the wizard made of the answers for one mirror (the parameter)."""
    gitlab.start_from()
    digest = oci.index(tmp_path / "layout")
    gitlab.registry.push(tmp_path / "layout", f"{APP}:built", MAINTAINER)
    answers: Mapping[str, Any] = {"when": "default-branch", "repository": "team/app", **request.param}
    hosts = {"here": gitlab.registry.address, "elsewhere": elsewhere.address}
    answers = {**answers, "registry": hosts.get(answers["registry"], answers["registry"])}
    text = answers_file({"project": APP, "build": {"engine": "buildah", "tags": []}, "mirror": [answers]})
    repo = repository(tmp_path / "app", {"Dockerfile": "FROM scratch\n", ".gitlab/registry-wizard.yml": text})
    applied = gitlab.wizard("apply", "--yes", repo=repo, PASSWORD=PASSWORD, PUSH_TOKEN=PUSH_TOKEN)
    assert applied.code == 0, applied.err
    return Mirror(gitlab, elsewhere, repo, tmp_path / "home", digest)


def by_log_in(to: str) -> dict[str, str]:
    return {"to": to, "registry": "elsewhere", "username": ROBOT, "password": "env:PASSWORD", "repository": f"{to}/app"}


@pytest.mark.parametrize(
    "mirror", map(by_log_in, ("generic", "harbor", "dockerhub")), indirect=True, ids=lambda p: p["to"]
)
def test_a_mirror_by_log_in(mirror: Mirror, request: pytest.FixtureRequest) -> None:
    to = request.node.callspec.id
    done = mirror.run(to)
    assert done.returncode == 0, done.stderr
    there = f"AWS:{PASSWORDS['AWS'][0]}"
    assert mirror.elsewhere.digest(mirror.copied(f"{to}/app"), there) == mirror.digest
    again = mirror.run(to)
    assert "is there already" in again.stdout


TO_GITLAB = {
    "to": "gitlab",
    "registry": "here",
    "repository": f"{COPY}/app",
    "username": PUSHER,
    "password": "env:PUSH_TOKEN",
}


@pytest.mark.parametrize("mirror", [TO_GITLAB], indirect=True, ids=["gitlab"])
def test_a_mirror_on_the_same_host_keeps_both_log_ins_apart(mirror: Mirror) -> None:
    done = mirror.run("gitlab")
    assert done.returncode == 0, done.stderr
    assert mirror.gitlab.registry.digest(mirror.copied(f"{COPY}/app"), MAINTAINER) == mirror.digest
    mirror.gitlab.project(COPY).deploy_tokens[0].revoked = True
    refused = mirror.run("gitlab")
    assert refused.returncode != 0
    assert "invalid username/password" in refused.stderr


# Clouds: the job trades its ID token for a log-in.

GOOGLE = {"to": "gar", "registry": "elsewhere", "audience": f"https:{GOOGLE_POOL}", "service_account": GOOGLE_ACCOUNT}
AZURE = {"to": "acr", "registry": "elsewhere", "client_id": AZURE_CLIENT, "tenant_id": AZURE_TENANT}
CLOUDS = {"gar": (GOOGLE, "REGISTRY_GCP_ID_TOKEN"), "acr": (AZURE, "REGISTRY_AZURE_ID_TOKEN")}


@pytest.mark.parametrize(
    ("mirror", "variable"), [pytest.param(*given, id=to) for to, given in CLOUDS.items()], indirect=["mirror"]
)
def test_a_cloud_takes_the_id_token_of_the_job_and_no_other(
    mirror: Mirror, variable: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    to = request.node.callspec.id
    with cloud(tmp_path / "cloud", mirror.elsewhere.address) as curlrc:
        mirror.home.mkdir()
        (mirror.home / ".curlrc").write_text(curlrc, encoding="utf-8")
        done = mirror.run(to, **{variable: ID_TOKEN})
        refused = mirror.run(to, **{variable: "of-another-project"})
    assert done.returncode == 0, done.stderr
    there = f"AWS:{PASSWORDS['AWS'][0]}"
    assert mirror.elsewhere.digest(mirror.copied("team/app"), there) == mirror.digest
    assert refused.returncode != 0
    assert "invalid_grant" in refused.stdout + refused.stderr


AMAZON = {"to": "ecr", "registry": ECR_HOST, "region": "eu-central-1", "role": ROLE}


@dataclass(frozen=True)
class Aws:
    """moto, which plays STS and ECR, and what makes the real command `aws` find it."""

    environ: Mapping[str, str]
    record: Path

    def asked(self, action: str) -> dict[str, str]:
        """Return the parameters of the one request for an action."""
        lines = map(json.loads, self.record.read_text(encoding="utf-8").splitlines())
        sent = [dict(parse_qsl(base64.b64decode(line["body"]).decode())) for line in lines]
        (found,) = (body for body in sent if body.get("Action") == action)
        return found


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[Aws]:
    programs = prepared("aws").programs
    url, record = f"http://127.0.0.1:{free_port()}", tmp_path / "asked"
    command = [str(programs / "moto_server"), "-H", "127.0.0.1", "-p", url.rpartition(":")[2]]
    recording = {**os.environ, "MOTO_ENABLE_RECORDING": "yes", "MOTO_RECORDER_FILEPATH": str(record)}
    with daemon(command, tmp_path / "moto.log", answers_http(f"{url}/moto-api/"), environ=recording):
        path = f"{tmp_path / 'home' / 'bin'}:{programs}:{os.environ['PATH']}"
        yield Aws({"AWS_ENDPOINT_URL": url, "AWS_EC2_METADATA_DISABLED": "true", "PATH": path}, record)


@pytest.mark.parametrize("mirror", [AMAZON], indirect=True, ids=["ecr"])
def test_ecr_takes_the_password_that_the_role_gets(mirror: Mirror, aws: Aws) -> None:
    """ECR's own host cannot be had: a project variable, which beats the one in the file, names the registry here."""
    target = {"REGISTRY_TARGET": f"{mirror.elsewhere.address}/team/app", "REGISTRY_AWS_ID_TOKEN": ID_TOKEN}
    done = mirror.run("ecr", **aws.environ, **target)
    assert done.returncode == 0, done.stderr
    there = f"AWS:{PASSWORDS['AWS'][0]}"
    assert mirror.elsewhere.digest(mirror.copied("team/app"), there) == mirror.digest
    # moto gives every role to every token: what the job asked for is looked at here.
    assumed = aws.asked("AssumeRoleWithWebIdentity")
    assert (assumed["RoleArn"], assumed["WebIdentityToken"]) == (ROLE, ID_TOKEN)
    assert re.fullmatch(r"gitlab-10-\d+", assumed["RoleSessionName"])
