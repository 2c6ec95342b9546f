"""The deploy job's script, run by a shell with stand-ins for kubectl and kustomize that note what they are given."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.core.generated_pipelines import STAGING, load, script
from wizard.generate.pipeline import Pipeline, render_pipeline
from wizard.generate.workload_overlay import Rollout

JOB = "registry-deploy-staging"
OWN = Pipeline(environments=(STAGING,))
EXTERNAL = Pipeline(environments=(STAGING,), external_repository="team/app")
ADOPTING = Pipeline(environments=(STAGING,), rollouts={STAGING.name: Rollout(("statefulset/db", "deployment/web"), 2)})
IMAGE = "registry.example.com/acme/app@sha256:" + "a" * 64
TOKEN = 'gldt-it\'s "a" $secret: {}' * 8
"""Long enough that base64 wraps its lines, with everything that breaks a careless script."""
KUBECTL = r"""#!/bin/sh
printf '%s\n' "kubectl $*" >> "$LOG"
for word in "$@"; do
  case "$word" in --from-file=.dockerconfigjson=*) cat "${word#*json=}" > "$LOG.secret" ;; esac
done
case "$*" in
  "get namespace "*) test "$NAMESPACE" = visible ;;
  "create --filename "*) test "$NAMESPACE" != forbidden ;;
  "rollout status "*) test "$ROLLOUT" = good ;;
  "kustomize "*) printf 'image: %s\n- image: %s\n' $BUILT ;;
esac
"""
KUSTOMIZE = r"""#!/bin/sh
printf '%s\n' "kustomize $* in ${PWD##*/}" >> "$LOG"
"""
VARIABLES = {
    "CI_REGISTRY": "registry.example.com",
    "CI_DEPLOY_USER": "gitlab+deploy-token-1",
    "CI_DEPLOY_PASSWORD": TOKEN,
    "REGISTRY_IMAGE": IMAGE,
    "NAMESPACE": "visible",
    "ROLLOUT": "good",
    "BUILT": f"{IMAGE} {IMAGE}",
}


class Deployment:
    """What the job did."""

    def __init__(self, folder: Path, pipeline: Pipeline, **variables: str) -> None:
        programs = folder / "bin"
        programs.mkdir()
        for name, body in (("kubectl", KUBECTL), ("kustomize", KUSTOMIZE)):
            (programs / name).write_text(body, encoding="utf-8")
            (programs / name).chmod(0o755)
        for overlays in ("k8s/overlays", ".gitlab/k8s"):
            (folder / overlays / "staging").mkdir(parents=True)
        document = load(render_pipeline(pipeline))
        log = folder / "log"
        environment = {
            **document[JOB]["variables"],
            **document[".registry-base"].get("variables", {}),
            **VARIABLES,
            **variables,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "LOG": str(log),
            "TMPDIR": str(folder),
        }
        self.done = subprocess.run(
            ["sh"],
            input=script(document, JOB),
            env={key: value for key, value in environment.items() if value},
            cwd=folder,
            text=True,
            capture_output=True,
            check=False,
        )
        self.log = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        secret = folder / "log.secret"
        self.secret = json.loads(secret.read_text(encoding="utf-8")) if secret.exists() else None
        self.left = [path.name for path in folder.glob("tmp*")]


def test_the_steps_come_in_an_order_that_works(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path, OWN)
    assert deployment.done.returncode == 0, deployment.done.stderr
    steps = [" ".join(line.split()[1:3]) for line in deployment.log]
    # The two ends of a pipe start at once.
    assert sorted(steps[2:4]) == ["apply --server-side", "create secret"]
    assert steps[:2] + steps[4:] == [
        "config use-context",
        "get namespace",
        "edit set",
        "apply --kustomize",
        "rollout status",
    ]
    assert f"kustomize edit set image app={IMAGE} in staging" in deployment.log


def test_the_pull_secret_holds_the_deploy_token_exactly(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path, OWN)
    assert deployment.secret is not None
    (host, entry), *others = deployment.secret["auths"].items()
    assert (host, others) == ("registry.example.com", [])
    assert base64.b64decode(entry["auth"]).decode() == f"gitlab+deploy-token-1:{TOKEN}"


def test_the_token_is_no_argument_no_output_and_no_file_that_stays(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path, OWN)
    assert not any(TOKEN in line for line in deployment.log)
    assert TOKEN not in deployment.done.stdout + deployment.done.stderr
    assert deployment.left == []


def test_docker_hub_is_known_by_its_old_address(tmp_path: Path) -> None:
    variables = {"DOCKER_REGISTRY": "docker.io", "DOCKER_REGISTRY_USER": "robot", "DOCKER_REGISTRY_PASS": "token"}
    deployment = Deployment(tmp_path, EXTERNAL, **variables)
    assert deployment.secret is not None
    assert list(deployment.secret["auths"]) == ["https://index.docker.io/v1/"]


@pytest.mark.parametrize("missing", ["CI_DEPLOY_USER", "CI_DEPLOY_PASSWORD", "REGISTRY_IMAGE"])
def test_a_missing_value_stops_the_job_before_it_touches_the_cluster(tmp_path: Path, missing: str) -> None:
    deployment = Deployment(tmp_path, OWN, **{missing: ""})
    assert deployment.done.returncode != 0
    assert missing in deployment.done.stderr
    assert deployment.log == []


@pytest.mark.parametrize(("namespace", "created"), [("visible", False), ("absent", True), ("forbidden", True)])
def test_a_namespace_is_made_only_where_none_is_seen(tmp_path: Path, namespace: str, created: bool) -> None:
    deployment = Deployment(tmp_path, OWN, NAMESPACE=namespace)
    assert deployment.done.returncode == 0, deployment.done.stderr
    made = "kubectl create --filename k8s/overlays/staging/namespace.yaml" in deployment.log
    assert made is created


def test_a_failed_rollout_is_shown_taken_back_and_fails_the_job(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path, OWN, ROLLOUT="bad")
    assert deployment.done.returncode == 1
    after = deployment.log[[line.split()[1:3] for line in deployment.log].index(["rollout", "status"]) + 1 :]
    assert [line.split()[1] for line in after] == ["get", "get", "rollout"]
    assert after[-1] == "kubectl rollout undo deployment/app --namespace app-staging"


def steps(deployment: Deployment) -> list[str]:
    """What was done once the pull secret stood."""
    return [
        line.removeprefix("kubectl ") for line in deployment.log if "secret" not in line and "apply --s" not in line
    ]


def test_own_manifests_are_built_beyond_the_overlay_and_applied_and_waited_for(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path, ADOPTING)
    assert deployment.done.returncode == 0, deployment.done.stderr
    edit, build, namespace, apply, *waits = steps(deployment)[2:]
    assert namespace == "config set-context --current --namespace app-staging"
    assert edit == f"kustomize edit set image registry-image={IMAGE} in staging"
    assert build == "kustomize --load-restrictor LoadRestrictionsNone .gitlab/k8s/staging"
    assert apply.startswith(f"apply --filename {tmp_path}/")
    assert [" ".join(line.split()[:3]) for line in waits] == [
        "rollout status statefulset/db",
        "rollout status deployment/web",
    ]
    assert deployment.left == []


def test_own_manifests_that_have_changed_are_not_applied(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path, ADOPTING, BUILT=f"{IMAGE} old:1")
    assert deployment.done.returncode == 1
    assert "1 of 2 containers have the image: a manifest has changed" in deployment.done.stderr
    assert "kustomize --load-restrictor" in deployment.log[-1]
    assert deployment.left == []


def test_where_one_of_several_does_not_get_ready_all_are_taken_back(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path, ADOPTING, ROLLOUT="bad")
    assert deployment.done.returncode == 1
    assert deployment.log[-2:] == [
        f"kubectl rollout undo {workload} --namespace app-staging" for workload in ("statefulset/db", "deployment/web")
    ]
