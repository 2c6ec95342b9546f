"""Overlays on manifests that are there, built by kubectl's kustomize: exactly what was promised is added to them."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.core.states import planned
from tests.real.programs import program
from wizard.changes.file import content_of

pytestmark = pytest.mark.real
BUILD = ("kustomize", "--load-restrictor", "LoadRestrictionsNone")
IMAGE = "registry.example.com:5050/acme/team/app:unset"
WEB = """\
# by hand
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {team: ünïcode}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}, annotations: {note: "[red] {{ with secret }} 🚀 'a' \\"b\\""}}
    spec:
      imagePullSecrets: [{name: theirs}]
      initContainers:
        - {name: wait, image: "busybox:1"}
        - {name: migrate, image: "old/web:1", command: [migrate]}
        - {name: seed, image: "busybox:1"}
      containers:
        - {name: proxy, image: "envoy:1"}
        - {name: web, image: "${IMAGE}", env: [{name: A, value: $(B)}]}
        - {name: logs, image: "fluent:1"}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: metrics, namespace: monitoring}
spec: {type: ExternalName, externalName: web.shop}
"""


def workload(kind: str, name: str) -> str:
    pod = {"template": {"spec": {"containers": [{"name": "web", "image": "old:1"}]}}}
    spec = {"schedule": "* * * * *", "jobTemplate": {"spec": pod}} if kind == "CronJob" else pod
    version = "batch/v1" if kind == "CronJob" else "apps/v1"
    return yaml.safe_dump({"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec})


def entry(file: str, container: str = "web", kind: str = "Deployment", name: str = "web") -> Mapping[str, str]:
    return {"file": file, "kind": kind, "name": name, "container": container}


def built(folder: Path, files: Mapping[str, bytes], workloads: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Plan, write the files as apply would, and build the overlay; the objects by KIND/NAME."""
    environment = {"name": "staging", "namespace": "shop", "agent": "acme/agents:staging"}
    answers = {"build": {}, "deploy": {"kubernetes": {"workloads": list(workloads), "environments": [environment]}}}
    state = {"files": {"Dockerfile": "FROM busybox\nUSER 1\n", **{path: text.decode() for path, text in files.items()}}}
    plan = planned({"answers": answers, "state": state})
    made = {change.target: content_of(change) for change in plan.changes if change.kind == "file" and change.pending}
    assert not set(made) & set(files)
    for path, content in {**files, **made}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    done = build(folder)
    assert done.returncode == 0, done.stderr
    return {f"{found['kind']}/{found['metadata']['name']}": found for found in yaml.safe_load_all(done.stdout)}


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [program("kubectl"), *BUILD, ".gitlab/k8s/staging"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def pod_of(found: Mapping[str, Any]) -> dict[str, Any]:
    spec = found["spec"]["jobTemplate"]["spec"] if found["kind"] == "CronJob" else found["spec"]
    pod: dict[str, Any] = spec["template"]["spec"]
    return pod


def promised(text: str, containers: Sequence[str]) -> dict[str, Any]:
    """Return the objects of a manifest with what is promised done to them: by KIND/NAME."""
    objects = {f"{found['kind']}/{found['metadata']['name']}": found for found in yaml.safe_load_all(text)}
    for found in objects.values():
        if found["kind"] != "Service":
            pod = pod_of(found)
            pod["imagePullSecrets"] = [{"name": "gitlab-registry"}, *pod.get("imagePullSecrets", [])]
            for each in [*pod.get("initContainers", []), *pod["containers"]]:
                each["image"] = IMAGE if each["name"] in containers else each["image"]
    return objects


@pytest.mark.parametrize(
    "write",
    [
        str.encode,
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: b"---\n" + text.encode().removesuffix(b"\n"),
    ],
    ids=["as usual", "CRLF", "a byte order mark", "document marks and no last line end"],
)
@pytest.mark.parametrize("file", ["deploy/web.yaml", "deploy/wéb [1] #x?ref=2.yaml", "deploy/🚀 'a' \"b\" {c}.yaml"])
def test_nothing_is_added_but_the_image_and_the_pull_secret(file: str, write: Any, tmp_path: Path) -> None:
    found = built(tmp_path, {file: write(WEB)}, [entry(file), entry(file, "migrate")])
    assert found == promised(WEB, ["web", "migrate"])
    assert (tmp_path / file).read_bytes() == write(WEB)


def test_every_kind_of_workload_is_reached(tmp_path: Path) -> None:
    texts = {
        f"deploy/{kind}.yaml": workload(kind, f"x.{kind.lower()}")
        for kind in ("Deployment", "StatefulSet", "DaemonSet", "CronJob")
    }
    chosen = [entry(path, kind=path[7:-5], name=f"x.{path[7:-5].lower()}") for path in texts]
    found = built(tmp_path, {path: text.encode() for path, text in texts.items()}, chosen)
    wanted: dict[str, Any] = {}
    for text in texts.values():
        wanted |= promised(text, ["web"])
    assert found == wanted


def test_another_with_a_name_that_looks_alike_is_left_alone(tmp_path: Path) -> None:
    files = {"deploy/a.yaml": f"{workload('Deployment', 'web.v1')}---\n{workload('Deployment', 'web-v1')}".encode()}
    found = built(tmp_path, files, [entry("deploy/a.yaml", name="web.v1")])
    images = {name: pod_of(each)["containers"][0]["image"] for name, each in found.items()}
    assert images == {"Deployment/web.v1": IMAGE, "Deployment/web-v1": "old:1"}


def test_a_kustomization_goes_on_doing_what_it_does(tmp_path: Path) -> None:
    files = {
        "deploy/base/kustomization.yaml": b"namePrefix: x-\nnamespace: elsewhere\nresources: [web.yaml]\n"
        b"images: [{name: envoy, newTag: '2'}, {name: registry-image, newName: theirs}]\n"
        b"configMapGenerator: [{name: settings, literals: [a=b]}]\n",
        "deploy/base/web.yaml": WEB.encode(),
        "deploy/overlays/staging/kustomization.yaml": b"resources: [../../base]\nreplicas: [{name: web, count: 3}]\n"
        b"patches: [{path: more.yaml, target: {kind: Deployment}}]\n",
        "deploy/overlays/staging/more.yaml": b"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
        b"spec: {template: {spec: {containers: [{name: web, env: [{name: C, value: d}]}]}}}\n",
    }
    found = built(tmp_path, files, [entry("deploy/base/web.yaml")])
    web = found["Deployment/x-web"]
    assert web["spec"]["replicas"] == 3
    assert {each["name"]: each["image"] for each in pod_of(web)["containers"]} == {
        "proxy": "envoy:2",
        "web": IMAGE,
        "logs": "fluent:1",
    }
    assert {found["metadata"]["namespace"] for found in found.values()} == {"shop"}
    assert len([name for name in found if name.startswith("ConfigMap/x-settings-")]) == 1


def test_a_pull_secret_of_the_same_name_stands_there_once(tmp_path: Path) -> None:
    text = WEB.replace("{name: theirs}", "{name: gitlab-registry}")
    found = built(tmp_path, {"deploy/web.yaml": text.encode()}, [entry("deploy/web.yaml")])
    assert pod_of(found["Deployment/web"])["imagePullSecrets"] == [{"name": "gitlab-registry"}]


def test_a_kustomization_in_the_folder_k8s_is_built_on(tmp_path: Path) -> None:
    files = {"k8s/kustomization.yaml": b"namePrefix: x-\nresources: [web.yaml]\n", "k8s/web.yaml": WEB.encode()}
    assert "Deployment/x-web" in built(tmp_path, files, [entry("k8s/web.yaml")])


def test_a_container_that_has_left_the_manifest_fails_the_build(tmp_path: Path) -> None:
    built(tmp_path, {"deploy/web.yaml": WEB.encode()}, [entry("deploy/web.yaml", "migrate")])
    (tmp_path / "deploy/web.yaml").write_text(WEB.replace("name: migrate", "name: prepare"), encoding="utf-8")
    done = build(tmp_path)
    assert done.returncode != 0
    assert 'initContainers.[name=migrate].image\\" in replacement target' in done.stderr
