"""The question which workloads of manifests that are there run the image: what is offered, and what is recommended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import yaml

from tests.core.every_question import keys, listing, question, step
from tests.core.question_states import DOCKERFILE, state
from wizard import flow
from wizard.generate.kubernetes import KubernetesApp, render_base
from wizard.generate.owned import seal
from wizard.preview import FileText, as_text
from wizard.question import Draft, Known
from wizard.state import State

KEY = "deploy.kubernetes.workloads"
OWN = {"file": "deploy/web.yaml", "kind": "Deployment", "name": "web", "container": "web"}
APP = {f"deploy.kubernetes.app.{name}" for name in ("name", "port", "replicas", "health_path", "run_as")}


def manifest(
    containers: Mapping[str, str], name: str = "web", namespace: str | None = None, kind: str = "Deployment"
) -> bytes:
    pod = {"containers": [{"name": each, "image": image} for each, image in containers.items()]}
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    document = {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": {"template": {"spec": pod}}}
    return yaml.safe_dump(document).encode()


def known(files: Mapping[str, bytes], *chosen: Mapping[str, str], **more: Any) -> Known:
    kubernetes = {**({"workloads": list(chosen)} if chosen else {}), **more}
    document = {"build": {"enabled": True}, "deploy": {"kubernetes": kubernetes}}
    return Known(Draft(document), state({"Dockerfile": DOCKERFILE, **files}))


def offered(found: Known) -> list[tuple[str, str]]:
    return [(item["name"], item["container"]) for item in flow.suggestions(listing(KEY), found)]


def recommended(found: Known) -> bool:
    return flow.recommends_adding(listing(KEY), found)


WEB = {"deploy/web.yaml": manifest({"web": "${IMAGE}", "side": "envoy:1"})}


def test_without_manifests_it_is_not_asked() -> None:
    assert KEY not in keys(known({}), "deploy")


def test_with_manifests_it_comes_first_and_then_nothing_is_asked_about_written_ones() -> None:
    assert keys(known(WEB), "deploy")[:3] == ["deploy", KEY, "deploy.kubernetes.app.name"]
    assert APP.isdisjoint(keys(known(WEB, OWN), "deploy"))
    assert set(keys(known(WEB), "deploy")) >= APP


def test_answers_for_written_manifests_do_not_survive_the_choice() -> None:
    found = known(WEB, OWN, app={"port": 80})
    assert "app" not in flow.settled(found).document["deploy"]["kubernetes"]


@pytest.mark.parametrize(
    "image",
    [
        "registry.example.com/acme/team/app:1",
        "registry.example.com/acme/team/app@sha256:0",
        "registry.example.com/ACME/Team/App",
        "registry.example.com/acme/team/app/web:1",
        "docker.io/somebody/app:2",
        "app",
        "$IMAGE",
        "{{ image }}",
        "<image>",
    ],
)
def test_an_image_that_is_likely_ours_is_recommended_and_comes_first(image: str) -> None:
    files = {"deploy/web.yaml": manifest({"side": "envoy:1", "web": image})}
    assert offered(known(files)) == [("web", "web"), ("web", "side")]
    assert recommended(known(files))


@pytest.mark.parametrize("image", ["postgres:16", "registry.example.com/acme/team/apple:1", "nginx"])
def test_an_image_of_somebody_else_is_offered_and_not_recommended(image: str) -> None:
    files = {"deploy/db.yaml": manifest({"db": image}, "db")}
    assert offered(known(files)) == [("db", "db")]
    assert not recommended(known(files))


def test_the_only_container_of_a_workload_with_the_projects_name_is_recommended() -> None:
    assert recommended(known({"deploy/app.yaml": manifest({"main": "nginx"}, "app")}))


def test_what_was_chosen_is_not_offered_again_nor_anything_recommended() -> None:
    unnamed = {key: value for key, value in OWN.items() if key != "kind"}
    for chosen in (OWN, unnamed):
        assert offered(known(WEB, chosen)) == [("web", "side")]
        assert not recommended(known(WEB, chosen))


def test_a_project_that_has_written_manifests_already_keeps_them() -> None:
    base = render_base(KubernetesApp(name="app", repository="r/a"))
    files = {**WEB, **{path: seal(text) for path, text in base.items()}}
    assert offered(known(files)) == [("web", "web"), ("web", "side")]
    assert not recommended(known(files))


@pytest.mark.parametrize(
    "content",
    [
        WEB["deploy/web.yaml"] + b"---\nkind: {{ .x }}\n",
        WEB["deploy/web.yaml"].replace(b"apps/v1", b"extensions/v1beta1"),
        manifest({"web": "x"}, "Not a name"),
        manifest({"[red]": "x"}),
        manifest({"web": "x"}, kind="Job"),
    ],
    ids=["a template", "an API version of old", "a name that is none", "markup", "a Job"],
)
def test_what_could_not_be_deployed_is_not_offered(content: bytes) -> None:
    assert offered(known({"deploy/web.yaml": content})) == []


def test_a_project_that_has_answers_for_written_manifests_keeps_them() -> None:
    found = known(WEB, app={"port": 80})
    assert offered(found) == [("web", "web"), ("web", "side")]
    assert not recommended(found)


def test_what_is_typed_is_completed_from_the_manifest() -> None:
    found = known({"k8s/db.yaml": manifest({"db": "x"}, "db", kind="StatefulSet")})
    item = flow.settled_item(listing(KEY), replace(found, item={"file": "k8s/db.yaml"}))
    assert item == {"file": "k8s/db.yaml", "kind": "StatefulSet", "name": "db", "container": "db"}


class TestNamespace:
    def default(self, files: Mapping[str, bytes], name: str, *taken: str) -> Any:
        others = [{"name": f"e{at}", "namespace": each} for at, each in enumerate(taken)]
        found = replace(known(files, OWN, **({"environments": others} if others else {})), item={"name": name})
        asked = next(each for each in listing("deploy.kubernetes.environments").item if each.key == "namespace")
        return flow.default_of(asked, found)

    def test_it_is_that_of_the_manifest(self) -> None:
        assert self.default({"deploy/web.yaml": manifest({"web": "x"}, namespace="shop")}, "staging") == "shop"

    def test_that_of_the_environments_own_overlay_comes_first(self) -> None:
        files = {
            "deploy/web.yaml": manifest({"web": "x"}, namespace="shop"),
            "deploy/overlays/qa/kustomization.yaml": b"namespace: shop-qa\nresources: [../../web.yaml]\n",
        }
        assert self.default(files, "qa") == "shop-qa"
        assert self.default(files, "staging") == "shop"

    def test_a_second_environment_has_another(self) -> None:
        files = {"deploy/web.yaml": manifest({"web": "x"}, namespace="shop")}
        assert self.default(files, "staging", "shop") == "app-staging"

    @pytest.mark.parametrize("namespace", ["Not one", "a" * 64, "[b]"])
    def test_one_that_is_none_is_passed_over(self, namespace: str) -> None:
        assert self.default({"deploy/web.yaml": manifest({"web": "x"}, namespace=namespace)}, "qa") == "app-qa"


def beside(found: Known) -> str:
    preview = flow.preview(step("deploy"), listing(KEY), found)
    assert preview is not None
    return as_text(preview)


def test_beside_the_list_stands_what_is_added_to_the_manifest_under_the_cursor() -> None:
    found = replace(known(WEB), item=OWN)
    text = beside(found)
    assert "Deployment web in deploy/web.yaml:1: the container web runs ${IMAGE}." in text
    assert ".gitlab/k8s/ENVIRONMENT/deployment-web.yaml" in text
    assert "imagePullSecrets" in text


def test_with_an_environment_the_whole_overlay_stands_beside_the_step() -> None:
    environments = [{"name": "staging", "namespace": "shop", "agent": "acme/agents:staging"}]
    found = known(WEB, OWN, environments=environments, app={"port": 80})  # answered before the workload was chosen
    preview = flow.preview(step("deploy"), question("deploy.kubernetes.pull_secret.name"), found)
    assert preview is not None
    paths = [part.path for part in preview.parts if isinstance(part, FileText)]
    names = ("deployment-web.yaml", "image.yaml", "kustomization.yaml", "namespace.yaml")
    assert paths == [f".gitlab/k8s/staging/{name}" for name in names]


def test_beside_a_choice_that_cannot_be_carried_out_stands_why() -> None:
    environments = [{"name": "staging", "namespace": "shop", "agent": "acme/agents:staging"}]
    found = known(WEB, {**OWN, "container": "gone"}, environments=environments)
    preview = flow.preview(step("deploy"), question("deploy.kubernetes.pull_secret.name"), found)
    assert preview is not None
    assert "has no container gone" in as_text(preview)


def test_five_hundred_manifests_are_offered() -> None:
    files = {f"deploy/{at}.yaml": manifest({"main": "x"}, f"w{at}") for at in range(500)}
    found = known(files)
    assert isinstance(found.state, State)
    assert len(offered(found)) == 500
