"""Overlays on manifests that are there: what they hold, what they leave alone, and the job that applies them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from tests.core.generated_pipelines import load, script
from tests.core.states import planned
from wizard.change import Plan
from wizard.changes.file import content_of
from wizard.layout import PIPELINE

DOCKERFILE = {"Dockerfile": "FROM busybox\nUSER 1000\n"}
OVERLAY = ".gitlab/k8s/staging"


def manifest(kind: str = "Deployment", name: str = "web", **pod: Any) -> str:
    pod = pod or {"containers": [{"name": "web", "image": "nginx:1"}]}
    spec: dict[str, Any] = {"template": {"spec": pod}}
    if kind == "CronJob":
        spec = {"jobTemplate": {"spec": spec}}
    version = "batch/v1" if kind == "CronJob" else "apps/v1"
    return yaml.safe_dump({"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec})


def taken(file: str = "deploy/web.yaml", kind: str = "Deployment", name: str = "web", container: str = "web") -> Any:
    return {"file": file, "kind": kind, "name": name, "container": container}


def plan(files: Mapping[str, str], *workloads: Any) -> Plan:
    environment = {"name": "staging", "namespace": "shop", "agent": "acme/agents:staging"}
    kubernetes = {"workloads": list(workloads or [taken()]), "environments": [environment]}
    answers = {"build": {}, "deploy": {"kubernetes": kubernetes}}
    return planned({"answers": answers, "state": {"files": {**DOCKERFILE, **files}}})


def written(found: Plan) -> dict[str, str]:
    files = (change for change in found.changes if change.kind == "file" and change.pending)
    return {change.target: content_of(change).decode() for change in files}


def document(found: Plan, name: str) -> Any:
    return yaml.safe_load(written(found)[f"{OVERLAY}/{name}"])


def test_an_overlay_stands_beside_a_manifest_that_is_not_written() -> None:
    files = written(plan({"deploy/web.yaml": manifest()}))
    assert [path for path in files if "k8s/" in path or path.startswith("deploy/")] == [
        f"{OVERLAY}/kustomization.yaml",
        f"{OVERLAY}/namespace.yaml",
        f"{OVERLAY}/image.yaml",
        f"{OVERLAY}/deployment-web.yaml",
    ]


def test_it_patches_the_workload_wherever_it_is_and_names_the_image() -> None:
    found = document(plan({"deploy/web.yaml": manifest()}), "kustomization.yaml")
    assert found["resources"] == ["../../../deploy/web.yaml", "image.yaml"]
    target = {"group": "apps", "version": "v1", "kind": "Deployment", "name": "web"}
    assert found["patches"] == [{"path": "deployment-web.yaml", "target": target}]
    name = "registry.example.com:5050/acme/team/app"
    assert found["images"] == [{"name": "registry-image", "newName": name, "newTag": "unset"}]


def test_the_patch_holds_the_pull_secret_and_nothing_else() -> None:
    assert document(plan({"deploy/web.yaml": manifest()}), "deployment-web.yaml") == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"template": {"spec": {"imagePullSecrets": [{"name": "gitlab-registry"}]}}},
    }


def test_the_image_goes_to_each_container_by_its_name() -> None:
    inits = [{"name": name, "image": "x"} for name in ("wait", "migrate")]
    files = {
        "deploy/web.yaml": manifest(initContainers=inits, containers=[{"name": "web", "image": "nginx:1"}]),
        "deploy/tick.yaml": manifest("CronJob", "tick"),
    }
    chosen = [taken(container="migrate"), taken(), taken("deploy/tick.yaml", "CronJob", "tick")]
    (found,) = document(plan(files, *chosen), "kustomization.yaml")["replacements"]
    assert found["source"] == {"kind": "Pod", "name": "registry-image", "fieldPath": "spec.containers.0.image"}
    assert {target["select"]["name"]: target["fieldPaths"] for target in found["targets"]} == {
        "web": [
            "spec.template.spec.initContainers.[name=migrate].image",
            "spec.template.spec.containers.[name=web].image",
        ],
        "tick": ["spec.jobTemplate.spec.template.spec.containers.[name=web].image"],
    }


@pytest.mark.parametrize(
    ("says", "moved"), [("", None), ("namespace: shop", None), ("namespace: elsewhere", "shop")], ids=str
)
def test_everything_moves_to_the_environments_namespace_only_where_the_workload_has_another(
    says: str, moved: str | None
) -> None:
    files = {
        "deploy/web.yaml": manifest(),
        "deploy/base/kustomization.yaml": f"resources: [../web.yaml]\n{says}",
        "deploy/staging/kustomization.yaml": "resources: [../base]",
    }
    assert document(plan(files), "kustomization.yaml").get("namespace") == moved


def test_a_dot_in_a_name_is_no_regular_expression() -> None:
    found = document(plan({"deploy/web.yaml": manifest(name="web.v1")}, taken(name="web.v1")), "kustomization.yaml")
    assert found["patches"][0]["target"]["name"] == r"web\.v1"
    assert found["replacements"][0]["targets"][0]["select"]["name"] == "web.v1"


@pytest.mark.parametrize(
    ("kustomizations", "base"),
    [
        ({"deploy/kustomization.yaml": "resources: [web.yaml]"}, "../../../deploy"),
        (
            {
                "deploy/kustomization.yaml": "resources: [web.yaml]",
                "deploy/envs/Staging/kustomization.yaml": "resources: [../..]",
                "deploy/envs/qa/kustomization.yaml": "resources: [../..]",
            },
            "../../../deploy/envs/Staging",
        ),
        (
            {
                "deploy/kustomization.yaml": "resources: [web.yaml]",
                "deploy/staging/kustomization.yaml": "resources: [other.yaml]",
            },
            "../../../deploy",
        ),
        ({"deploy/kustomization.yaml": "kind: Component\nresources: [web.yaml]"}, "../../../deploy/web.yaml"),
        ({"deploy/kustomization.yaml": "resources: [{{ x }}"}, "../../../deploy/web.yaml"),
    ],
    ids=["its folder", "the environment's own", "not another's", "a component is none", "garbage is none"],
)
def test_it_builds_on_what_brings_the_manifest_today(kustomizations: Mapping[str, str], base: str) -> None:
    found = document(plan({"deploy/web.yaml": manifest(), **kustomizations}), "kustomization.yaml")
    assert found["resources"] == [base, "image.yaml"]


def test_what_comes_with_another_base_is_not_named_twice() -> None:
    files = {
        "deploy/web.yaml": manifest(),
        "deploy/db.yaml": manifest("StatefulSet", "db"),
        "deploy/base/api.yaml": manifest(name="api"),
        "deploy/base/kustomization.yaml": "resources: [api.yaml]",
        "deploy/staging/kustomization.yaml": "resources: [../base, ../web.yaml]",
    }
    chosen = [taken(), taken("deploy/db.yaml", "StatefulSet", "db"), taken("deploy/base/api.yaml", name="api")]
    found = document(plan(files, *chosen), "kustomization.yaml")
    assert found["resources"] == ["../../../deploy/staging", "../../../deploy/db.yaml", "image.yaml"]


def test_what_was_written_is_read_again_without_a_change() -> None:
    files = {"deploy/web.yaml": manifest()}
    assert written(plan({**files, **written(plan(files))})) == {}


def test_the_written_file_says_how_it_is_built_by_hand() -> None:
    files = {"deploy/web.yaml": manifest()}
    told = f"# kubectl kustomize --load-restrictor LoadRestrictionsNone {OVERLAY}\n"
    assert told in written(plan(files))[f"{OVERLAY}/kustomization.yaml"]
    files["deploy/kustomization.yaml"] = "resources: [web.yaml]"
    assert told not in written(plan(files))[f"{OVERLAY}/kustomization.yaml"]


def test_a_namespace_that_has_to_be_made_warns_and_refuses_nothing() -> None:
    labels = document(plan({"deploy/web.yaml": manifest()}), "namespace.yaml")["metadata"]["labels"]
    assert {name.rpartition("/")[2] for name in labels} == {"warn", "audit"}


@pytest.mark.parametrize(
    "text", ["deploy/wéb [1] #x?ref=2.yaml", "deploy/🚀 'a' \"b\": {c}.yaml", "deploy/-- $(id).yaml"]
)
def test_any_name_of_a_file_comes_through(text: str) -> None:
    found = document(plan({text: manifest()}, taken(text)), "kustomization.yaml")
    assert found["resources"] == [f"../../../{text}", "image.yaml"]


def variables(found: Plan) -> dict[str, str]:
    pipeline = load(written(found)[PIPELINE])
    given = pipeline["registry-deploy-staging"]["variables"]
    return {key: value for key, value in given.items() if key.startswith(("REGISTRY_WORKLOAD", "REGISTRY_CONT"))}


def test_the_job_waits_for_each_workload_as_it_is_called_in_the_cluster() -> None:
    files = {
        "deploy/kustomization.yaml": "namePrefix: x-\nnameSuffix: -y\nresources: [web.yaml]",
        "deploy/web.yaml": manifest(),
        "deploy/db.yaml": manifest("StatefulSet", "db"),
    }
    found = plan(files, taken(), taken("deploy/db.yaml", "StatefulSet", "db"))
    assert variables(found) == {
        "REGISTRY_WORKLOAD_1": "deployment/x-web-y",
        "REGISTRY_WORKLOAD_2": "statefulset/db",
        "REGISTRY_CONTAINERS": "2",
    }


def test_the_job_does_not_wait_for_what_has_no_rollout() -> None:
    found = plan({"deploy/web.yaml": manifest("CronJob")}, taken(kind="CronJob"))
    assert variables(found) == {"REGISTRY_CONTAINERS": "1"}
    assert "rollout" not in script(load(written(found)[PIPELINE]), "registry-deploy-staging")


def test_a_daemon_set_that_is_updated_by_hand_is_not_waited_for() -> None:
    text = manifest("DaemonSet").replace("spec:\n", "spec:\n  updateStrategy: {type: OnDelete}\n", 1)
    assert variables(plan({"deploy/web.yaml": text}, taken(kind="DaemonSet"))) == {"REGISTRY_CONTAINERS": "1"}
