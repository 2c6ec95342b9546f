"""The deploy job: its script against kubectl, its objects in a real cluster, its secret at a real registry."""

from __future__ import annotations

import base64
import json
import shutil
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.real import oci
from tests.real.programs import needs, program
from tests.real.run import job_images
from tests.real.run.cluster import POD_IP, Cluster
from tests.real.run.company import APP, TOKENS, Company, Job, answers_file, commit, repository
from tests.real.run.daemons import free_port, until
from tests.real.run.engine import Engine
from tests.real.run.registries import Registry
from tests.real.run.runner import Done, Runner, on_commit
from tests.real.run.shell import run_script
from tests.real.summary import tell

pytestmark = [pytest.mark.real, needs(["busybox"])]
MAINTAINER = f"maint:{TOKENS['maint']}"
NAMESPACES: Mapping[str, str] = {"staging": "app-staging", "narrow": "app-narrow"}
PULL_SECRET = "gitlab-registry"
DOCKERFILE = 'FROM scratch\nCOPY busybox /bin/busybox\nUSER 1000\nCMD ["/bin/busybox", "sleep", "3600"]\n'
NARROW = """
apiVersion: v1
kind: Namespace
metadata: {name: app-narrow}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: agent, namespace: app-narrow}
rules:
- apiGroups: ["", apps]
  resources: [secrets, serviceaccounts, services, deployments, replicasets, pods, events]
  verbs: ["*"]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: agent, namespace: app-narrow}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: agent}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: agent}]
"""


def set_up(gitlab: Company, folder: Path, port: int) -> Path:
    """Have the wizard set up a project that is deployed to two environments; returns its repository."""
    gitlab.start_from({APP: {"agents": [{"name": name} for name in NAMESPACES]}})
    environments = [
        {"name": name, "namespace": namespace, "agent": f"{APP}:{name}"} for name, namespace in NAMESPACES.items()
    ]
    answers = {
        "project": APP,
        "build": {"engine": "buildah", "tags": []},
        "deploy": {"kubernetes": {"app": {"port": port, "replicas": 1}, "environments": environments}},
    }
    files = {"Dockerfile": DOCKERFILE, ".gitlab/registry-wizard.yml": answers_file(answers)}
    repo = repository(folder / "app", files)
    shutil.copy("/bin/busybox", repo / "busybox")
    applied = gitlab.wizard("apply", "--yes", repo=repo)
    assert applied.code == 0, applied.err
    commit(repo, "Set the registry up")
    return repo


# Without a cluster: what the script hands to kubectl, by kubectl's own offline commands.

OFFLINE = """#!/bin/sh
# The commands that ask no server are kubectl's own; of the others is kept what they were given.
case "$*" in
  "config "* | "create secret docker-registry "* | "kustomize "*) exec KUBECTL "$@" ;;
  "apply --server-side "*) cat > "$KEPT/secret.yaml" ;;
  "apply --kustomize "*) KUBECTL kustomize "$3" > "$KEPT/objects.yaml" ;;
  "apply --filename "*) cp "$3" "$KEPT/objects.yaml" ;;
  "get namespace "*) exit 1 ;;
  "create --filename "*) cp "$3" "$KEPT/namespace.yaml" ;;
  "rollout status "*) ;;
  *) echo "not expected: kubectl $*" >&2; exit 1 ;;
esac
"""


@pytest.fixture(scope="module")
def handed(gitlab: Company, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the deploy job handed to kubectl, and the digest of the image that it deploys."""
    kubectl = program("kubectl")
    folder = tmp_path_factory.mktemp("offline")
    repo = set_up(gitlab, folder, 8080)
    digest = oci.index(folder / "layout")
    gitlab.registry.push(folder / "layout", f"{APP}:built", MAINTAINER)
    job = gitlab.start_job(environment="staging")
    programs, kept = folder / "bin", folder / "kept"
    programs.mkdir()
    kept.mkdir()
    (programs / "kubectl").write_text(OFFLINE.replace("KUBECTL", kubectl), encoding="utf-8")
    (programs / "kubectl").chmod(0o755)
    config = {"contexts": [{"name": f"{APP}:staging", "context": {"cluster": "c", "user": "u"}}]}
    (folder / "kubeconfig").write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "Config", **config}))
    image = f"{gitlab.registry.address}/{APP}@{digest}"
    given = {"REGISTRY_IMAGE": image, "KUBECONFIG": str(folder / "kubeconfig"), "KEPT": str(kept)}
    done = run_script(repo, "registry-deploy-staging", job, folder, stand_ins=("kustomize",), **given)
    assert done.returncode == 0, done.stderr
    objects = {item["kind"]: item for item in yaml.safe_load_all((kept / "objects.yaml").read_text(encoding="utf-8"))}
    objects |= {"Secret": yaml.safe_load((kept / "secret.yaml").read_text(encoding="utf-8"))}
    objects |= {"Namespace": yaml.safe_load((kept / "namespace.yaml").read_text(encoding="utf-8"))}
    return {**objects, "image": image, "digest": digest}


def test_the_deployment_names_the_built_digest_and_the_pull_secret(handed: dict[str, Any]) -> None:
    pod = handed["Deployment"]["spec"]["template"]["spec"]
    assert [container["image"] for container in pod["containers"]] == [handed["image"]]
    assert pod["imagePullSecrets"] == [{"name": handed["Secret"]["metadata"]["name"]}]
    assert {
        handed[kind]["metadata"]["namespace"] for kind in ("Deployment", "Service", "ServiceAccount", "Secret")
    } == {handed["Namespace"]["metadata"]["name"]}


def test_the_pull_secret_pulls_the_image_from_the_real_registry(
    handed: dict[str, Any], gitlab: Company, tmp_path: Path
) -> None:
    assert handed["Secret"]["type"] == "kubernetes.io/dockerconfigjson"
    config = base64.b64decode(handed["Secret"]["data"][".dockerconfigjson"])
    host = json.loads(config)["auths"][gitlab.registry.address]
    assert (
        gitlab.registry.digest(f"{APP}@{handed['digest']}", base64.b64decode(host["auth"]).decode()) == handed["digest"]
    )


# With a cluster.


@pytest.fixture(scope="module")
def deployed(
    running: Cluster, gitlab: Company, elsewhere: Registry, docker: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Runner, Mapping[str, Done]]]:
    """The jobs of a pipeline that builds and deploys, and the runner that ran them."""
    job_images.make(docker, "kubernetes", (gitlab.registry.address, elsewhere.address))
    running.kubectl("apply", "--filename", "-", stdin=NARROW)
    port = free_port()
    # A pod has no network here: what a probe asks at its address is answered by this listener.
    with socket.create_server((POD_IP, port), backlog=128):
        repo = set_up(gitlab, tmp_path_factory.mktemp("cluster"), port)
        runner = Runner(docker, repo)
        done = {"build": runner.run("registry-image-build", started(gitlab, repo))}
        for name, user in (("staging", "admin"), ("narrow", "agent")):
            context = {"KUBECONFIG": running.kubeconfig(user, f"{APP}:{name}")}
            deploy = Runner(docker, repo, variables=context)
            done[name] = deploy.run(f"registry-deploy-{name}", started(gitlab, repo, environment=name))
        yield runner, done


def started(gitlab: Company, repo: Path, environment: str | None = None) -> Job:
    return on_commit(gitlab.start_job(environment=environment), repo)


def test_the_pipeline_builds_and_rolls_out(deployed: tuple[Runner, Mapping[str, Done]]) -> None:
    assert {name: done.log for name, done in deployed[1].items() if done.code} == {}
    for line in deployed[1]["staging"].log.splitlines():
        tell(f"cluster: {line}")


@pytest.mark.parametrize("name", NAMESPACES)
def test_the_kubelet_runs_the_built_digest(
    name: str, deployed: tuple[Runner, Mapping[str, Done]], running: Cluster, gitlab: Company
) -> None:
    runner, _ = deployed
    pods = running.get("pods", "--namespace", NAMESPACES[name])["items"]
    digest = runner.handed_over()["REGISTRY_IMAGE_DIGEST"]
    assert [pod["spec"]["containers"][0]["image"] for pod in pods] == [f"{gitlab.registry.address}/{APP}@{digest}"]
    assert [pod["status"]["phase"] for pod in pods] == ["Running"]


def test_an_agent_with_one_namespace_only_goes_on_without_seeing_it(
    deployed: tuple[Runner, Mapping[str, Done]],
) -> None:
    log = deployed[1]["narrow"].log
    assert "cannot create resource" in log
    assert "going on: the namespace may exist all the same" in log


def test_a_second_deploy_changes_nothing(
    deployed: tuple[Runner, Mapping[str, Done]], running: Cluster, gitlab: Company
) -> None:
    runner, _ = deployed
    again = Runner(runner.engine, runner.repo, variables={"KUBECONFIG": running.kubeconfig("admin", f"{APP}:staging")})
    done = again.run("registry-deploy-staging", started(gitlab, runner.repo, environment="staging"))
    assert done.code == 0, done.log
    assert "deployment.apps/app unchanged" in done.log


def test_the_kubelet_pulls_by_the_deploy_token_and_by_nothing_less(
    deployed: tuple[Runner, Mapping[str, Done]], running: Cluster, gitlab: Company, tmp_path: Path
) -> None:
    def pulled(name: str, secrets: list[str]) -> str:
        """Start a pod with an image of its own; what the kubelet says of the pull."""
        oci.index(tmp_path / name, {name: b""})
        gitlab.registry.push(tmp_path / name, f"{APP}:{name}", MAINTAINER)
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name},
            "spec": {
                "containers": [{"name": "app", "image": f"{gitlab.registry.address}/{APP}:{name}"}],
                "imagePullSecrets": [{"name": secret} for secret in secrets],
            },
        }
        running.kubectl("apply", "--namespace", "app-staging", "--filename", "-", stdin=json.dumps(pod))
        said: list[str] = []

        def told() -> bool:
            chosen = f"involvedObject.name={name}"
            events = running.get("events", "--namespace", "app-staging", "--field-selector", chosen)["items"]
            said[:] = [
                event["message"]
                for event in events
                if event["message"].startswith(("Successfully pulled", "Failed to pull"))
            ]
            return bool(said)

        until(told, f"the kubelet pulls {name}")
        tell(f"cluster: an image {name} the deploy token: {said[0]}")
        return said[0]

    assert "Successfully pulled" in pulled("with", [PULL_SECRET])
    assert "unexpected status: 403" in pulled("without", [])
    for project in gitlab.box.world.state.projects:
        for token in project.deploy_tokens:
            token.revoked = True
    assert "unexpected status: 401" in pulled("after-revoking", [PULL_SECRET])
