"""Manifests that are there already: what runs gets the built image and the pull secret, and no file changes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.real import oci
from tests.real.programs import needs, program
from tests.real.run import job_images
from tests.real.run.cluster import PAUSE, Cluster
from tests.real.run.company import APP, Company, Job, answers_file, commit, git, repository
from tests.real.run.engine import Engine
from tests.real.run.registries import Registry
from tests.real.run.runner import Done, Runner, on_commit
from tests.real.run.shell import run_script
from tests.real.run.test_deploy import OFFLINE
from tests.real.summary import tell

pytestmark = [pytest.mark.real, needs(["busybox"])]
DOCKERFILE = 'FROM scratch\nCOPY busybox /bin/busybox\nUSER 1000\nCMD ["/bin/busybox", "sleep", "3600"]\n'
WEB = f"""\
# Written by hand, long ago.
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: shop, labels: {{team: a.b}}}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      imagePullSecrets: [{{name: theirs}}]
      terminationGracePeriodSeconds: 1
      containers:
        - {{name: side, image: "{PAUSE}"}}
        - {{name: web, image: "{PAUSE}"}}
---
apiVersion: v1
kind: Service
metadata: {{name: web, namespace: shop}}
spec: {{selector: {{app: web}}, ports: [{{port: 80}}]}}
""".replace("\n", "\r\n")
QUEUE = f"""\
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: queue}}
spec:
  serviceName: queue
  selector: {{matchLabels: {{app: queue}}}}
  template:
    metadata: {{labels: {{app: queue}}}}
    spec:
      terminationGracePeriodSeconds: 1
      initContainers:
        - {{name: first, image: "{PAUSE}", command: [/usr/bin/busybox, "true"]}}
        - {{name: migrate, image: "{PAUSE}", command: [/bin/busybox, "true"]}}
      containers: [{{name: queue, image: "{PAUSE}"}}]
"""
THEIRS: Mapping[str, str] = {
    "deploy/web.yaml": WEB,
    "k8s/kustomization.yaml": "namePrefix: my-\nresources: [queue.yaml]\nimages: [{name: x, newTag: v2}]\n",
    "k8s/queue.yaml": QUEUE,
}
WORKLOADS = (
    {"name": "web", "file": "deploy/web.yaml", "container": "web"},
    {"name": "queue", "kind": "StatefulSet", "file": "k8s/queue.yaml", "container": "migrate"},
)


def set_up(gitlab: Company, folder: Path) -> Path:
    """Have the wizard set up a project with manifests of its own; returns its repository, where none has changed."""
    gitlab.start_from({APP: {"agents": [{"name": "staging"}]}})
    environment = {"name": "staging", "namespace": "shop", "agent": f"{APP}:staging"}
    answers = {
        "project": APP,
        "build": {"engine": "buildah", "tags": []},
        "deploy": {"kubernetes": {"workloads": list(WORKLOADS), "environments": [environment]}},
    }
    files = {"Dockerfile": DOCKERFILE, **THEIRS, ".gitlab/registry-wizard.yml": answers_file(answers)}
    repo = repository(folder / "app", files)
    shutil.copy("/bin/busybox", repo / "busybox")
    applied = gitlab.wizard("apply", "--yes", repo=repo)
    assert applied.code == 0, applied.err
    commit(repo, "Set the registry up")
    assert {path: (repo / path).read_bytes() for path in THEIRS} == {
        path: text.encode() for path, text in THEIRS.items()
    }
    assert set(git(repo, "diff", "--name-only", "HEAD~1").split()) & set(THEIRS) == set()
    return repo


def containers(pod: Mapping[str, Any]) -> dict[str, str]:
    return {each["name"]: each["image"] for each in (*pod.get("initContainers", ()), *pod["containers"])}


def secrets(pod: Mapping[str, Any]) -> list[str]:
    return [found["name"] for found in pod["imagePullSecrets"]]


def test_the_job_hands_over_their_objects_with_the_image_and_the_pull_secret(gitlab: Company, tmp_path: Path) -> None:
    repo = set_up(gitlab, tmp_path)
    image = f"{gitlab.registry.address}/{APP}@{oci.index(tmp_path / 'layout')}"
    programs, kept = tmp_path / "bin", tmp_path / "kept"
    programs.mkdir()
    kept.mkdir()
    (programs / "kubectl").write_text(OFFLINE.replace("KUBECTL", program("kubectl")), encoding="utf-8")
    (programs / "kubectl").chmod(0o755)
    config = {"contexts": [{"name": f"{APP}:staging", "context": {"cluster": "c", "user": "u"}}]}
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "Config", **config}))
    given = {"REGISTRY_IMAGE": image, "KUBECONFIG": str(tmp_path / "kubeconfig"), "KEPT": str(kept)}
    job = gitlab.start_job(environment="staging")
    done = run_script(repo, "registry-deploy-staging", job, tmp_path, stand_ins=("kustomize",), **given)
    assert done.returncode == 0, done.stderr
    objects = {item["kind"]: item for item in yaml.safe_load_all((kept / "objects.yaml").read_text(encoding="utf-8"))}
    pods = {kind: objects[kind]["spec"]["template"]["spec"] for kind in ("Deployment", "StatefulSet")}
    assert containers(pods["Deployment"]) == {"side": PAUSE, "web": image}
    assert containers(pods["StatefulSet"]) == {"first": PAUSE, "migrate": image, "queue": PAUSE}
    assert secrets(pods["Deployment"]) == ["gitlab-registry", "theirs"]
    assert secrets(pods["StatefulSet"]) == ["gitlab-registry"]


# With a cluster, where their objects run already.


@dataclass(frozen=True, slots=True)
class Deployed:
    """What ran before, and the jobs that built and deployed."""

    before: Mapping[str, Any]
    runner: Runner
    done: Mapping[str, Done]


@pytest.fixture(scope="module")
def deployed(
    running: Cluster, gitlab: Company, elsewhere: Registry, docker: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployed]:
    """Their Deployment and StatefulSet, applied by hand long ago; then a pipeline that builds and deploys."""
    job_images.make(docker, "kubernetes", (gitlab.registry.address, elsewhere.address))
    running.kubectl("create", "namespace", "shop")
    repo = set_up(gitlab, tmp_path_factory.mktemp("own"))
    for arguments in (("--filename", str(repo / "deploy/web.yaml")), ("--kustomize", str(repo / "k8s"))):
        running.kubectl("apply", "--namespace", "shop", *arguments)
    for name in ("deployment/web", "statefulset/my-queue"):
        running.kubectl("rollout", "status", name, "--namespace", "shop", "--timeout", "2m")
    before = found(running)
    context = {"KUBECONFIG": running.kubeconfig("admin", f"{APP}:staging")}
    runner = Runner(docker, repo, variables=context)
    done = {
        "build": Runner(docker, repo).run("registry-image-build", on_commit(gitlab.start_job(), repo)),
        "deploy": runner.run("registry-deploy-staging", started(gitlab, repo)),
    }
    yield Deployed(before, runner, done)
    running.kubectl("delete", "namespace", "shop", "--wait=false")


def started(gitlab: Company, repo: Path) -> Job:
    return on_commit(gitlab.start_job(environment="staging"), repo)


def found(running: Cluster) -> dict[str, Any]:
    listed = running.get("deployments,statefulsets,services", "--namespace", "shop")["items"]
    return {f"{item['kind']}/{item['metadata']['name']}": item for item in listed}


def test_the_pipeline_builds_and_rolls_out(deployed: Deployed, running: Cluster) -> None:
    assert {name: done.log for name, done in deployed.done.items() if done.code} == {}
    for line in deployed.done["deploy"].log.splitlines():
        tell(f"own manifests: {line}")
    wide = running.kubectl("get", "deployments,statefulsets,pods", "--namespace", "shop", "--output", "wide")
    for line in wide.splitlines():
        tell(f"own manifests: {line}")


def test_what_ran_goes_on_with_the_built_digest(deployed: Deployed, running: Cluster, gitlab: Company) -> None:
    image = f"{gitlab.registry.address}/{APP}@{deployed.runner.handed_over()['REGISTRY_IMAGE_DIGEST']}"
    now = found(running)
    assert {name: item["metadata"]["uid"] for name, item in now.items()} == {
        name: item["metadata"]["uid"] for name, item in deployed.before.items()
    }
    pods = {item["metadata"]["labels"]["app"]: item for item in running.get("pods", "--namespace", "shop")["items"]
            if "deletionTimestamp" not in item["metadata"]}  # fmt: skip
    assert containers(pods["web"]["spec"]) == {"side": PAUSE, "web": image}
    assert containers(pods["queue"]["spec"]) == {"first": PAUSE, "migrate": image, "queue": PAUSE}
    assert {pod["status"]["phase"] for pod in pods.values()} == {"Running"}
    assert secrets(pods["web"]["spec"]) == ["gitlab-registry", "theirs"]


def test_nothing_else_of_them_has_changed(deployed: Deployed, running: Cluster) -> None:
    def rest(item: Mapping[str, Any]) -> Any:
        spec = dict(item["spec"])
        template = dict(spec.pop("template", {}))
        pod = dict(template.pop("spec", {}))
        inits, others = (pod.pop(key, []) for key in ("initContainers", "containers"))
        pod.pop("imagePullSecrets", None)
        left = [{key: value for key, value in each.items() if key != "image"} for each in (*inits, *others)]
        return item["metadata"].get("labels"), spec, template, pod, left

    now = found(running)
    assert {name: rest(item) for name, item in now.items()} == {
        name: rest(item) for name, item in deployed.before.items()
    }


def test_a_second_deploy_changes_nothing(deployed: Deployed, gitlab: Company) -> None:
    done = deployed.runner.run("registry-deploy-staging", started(gitlab, deployed.runner.repo))
    assert done.code == 0, done.log
    assert "deployment.apps/web unchanged" in done.log
    assert "statefulset.apps/my-queue unchanged" in done.log


def test_a_manifest_that_has_changed_since_stops_the_job_before_it_touches_anything(
    deployed: Deployed, gitlab: Company, running: Cluster
) -> None:
    repo, before = deployed.runner.repo, found(running)
    (repo / "deploy/web.yaml").write_bytes(WEB.replace("name: web, image", "name: renamed, image").encode())
    commit(repo, "Rename a container")
    done = deployed.runner.run("registry-deploy-staging", started(gitlab, repo))
    assert done.code != 0
    assert "[name=web].image" in done.log
    assert found(running) == before
