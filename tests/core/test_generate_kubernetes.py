"""The manifests: valid for Kubernetes, within the restricted Pod Security Standard, and exactly the given names."""

from __future__ import annotations

from typing import Any

import kubernetes_validate
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.generate.kubernetes import KubernetesApp, render_base, render_overlay
from wizard.generate.owned import Ownership, ownership, seal
from wizard.generate.stacks.image import SCRATCH

APP = KubernetesApp(name="my-app", repository="registry.example.com:5050/acme/my-app")
DEPLOYMENT = "k8s/base/deployment.yaml"


def load(files: dict[str, str]) -> dict[str, Any]:
    return {path: yaml.safe_load(text) for path, text in files.items()}


def pod(app: KubernetesApp) -> Any:
    return load(render_base(app))[DEPLOYMENT]["spec"]["template"]["spec"]


@pytest.mark.parametrize(
    "app",
    [
        APP,
        KubernetesApp(name="a", repository="r/a", health_path="/healthz?full=1", read_only=True, replicas=0, run_as=33),
    ],
)
def test_every_object_is_valid_for_kubernetes(app: KubernetesApp) -> None:
    objects = load({**render_base(app), **render_overlay(app, "staging", "a-staging")})
    checked = [document for document in objects.values() if document["kind"] != "Kustomization"]
    assert len(checked) == 4
    for document in checked:
        kubernetes_validate.validate(document, "1.33", strict=True)


def test_the_pod_satisfies_the_restricted_standard() -> None:
    spec = pod(APP)
    container = spec["containers"][0]["securityContext"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == 10001
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["allowPrivilegeEscalation"] is False
    assert container["capabilities"] == {"drop": ["ALL"]}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys()


def test_a_foreign_image_may_write_where_it_wants() -> None:
    container = pod(APP)["containers"][0]
    assert container["securityContext"]["readOnlyRootFilesystem"] is False
    assert "volumeMounts" not in container


def test_our_own_image_writes_to_tmp_only() -> None:
    spec = pod(KubernetesApp(name="a", repository="r/a", read_only=True))
    assert spec["containers"][0]["securityContext"]["readOnlyRootFilesystem"] is True
    assert spec["containers"][0]["volumeMounts"] == [{"name": "tmp", "mountPath": SCRATCH}]
    assert spec["volumes"] == [{"name": "tmp", "emptyDir": {}}]


@pytest.mark.parametrize(
    ("path", "probe"),
    [(None, {"tcpSocket": {"port": "http"}}), ("/healthz", {"httpGet": {"path": "/healthz", "port": "http"}})],
)
def test_all_probes_ask_the_same(path: str | None, probe: dict[str, Any]) -> None:
    container = pod(KubernetesApp(name="a", repository="r/a", health_path=path))["containers"][0]
    for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert probe.items() <= container[kind].items()


def test_the_pull_secret_is_on_the_pod_and_on_its_account() -> None:
    objects = load(render_base(KubernetesApp(name="a", repository="r/a", pull_secret="pull-me")))
    assert objects["k8s/base/serviceaccount.yaml"]["imagePullSecrets"] == [{"name": "pull-me"}]
    assert objects[DEPLOYMENT]["spec"]["template"]["spec"]["imagePullSecrets"] == [{"name": "pull-me"}]


def test_the_selector_holds_the_name_alone() -> None:
    spec = load(render_base(APP))[DEPLOYMENT]["spec"]
    assert spec["selector"]["matchLabels"] == {"app.kubernetes.io/name": "my-app"}
    assert spec["template"]["metadata"]["labels"] == spec["selector"]["matchLabels"]


def test_an_overlay_names_the_repository_and_a_tag_that_cannot_be_pulled() -> None:
    overlay = load(render_overlay(APP, "staging", "my-app-staging"))
    kustomization = overlay["k8s/overlays/staging/kustomization.yaml"]
    assert kustomization["images"] == [{"name": "app", "newName": APP.repository, "newTag": "unset"}]
    assert kustomization["namespace"] == "my-app-staging"
    assert "namespace.yaml" not in kustomization["resources"]
    image = load(render_base(APP))[DEPLOYMENT]["spec"]["template"]["spec"]["containers"][0]["image"]
    assert image == kustomization["images"][0]["name"]


def test_the_namespace_is_restricted() -> None:
    labels = load(render_overlay(APP, "s", "n"))["k8s/overlays/s/namespace.yaml"]["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


text = st.one_of(st.text(min_size=1), st.sampled_from(["\x85", "\u2028", "yes", "1_0", "a: b", "🚀", " #", "\n"]))


@settings(max_examples=40, deadline=None)
@given(name=text, repository=text, path=text, namespace=text)
def test_any_text_comes_back_exactly(name: str, repository: str, path: str, namespace: str) -> None:
    app = KubernetesApp(name=name, repository=repository, health_path=path, pull_secret=namespace)
    base, overlay = load(render_base(app)), load(render_overlay(app, "e", namespace))
    container = base[DEPLOYMENT]["spec"]["template"]["spec"]["containers"][0]
    assert base[DEPLOYMENT]["metadata"]["name"] == name
    assert container["livenessProbe"]["httpGet"]["path"] == path
    assert overlay["k8s/overlays/e/kustomization.yaml"]["images"][0]["newName"] == repository
    assert overlay["k8s/overlays/e/namespace.yaml"]["metadata"]["name"] == namespace


@pytest.mark.parametrize("text", [render_base(APP)[DEPLOYMENT], "", "x", "a: ü\n"])
def test_a_sealed_file_is_known_as_ours(text: str) -> None:
    sealed = seal(text)
    first = sealed.split(b"\n", 1)[0]
    assert first.startswith(b"# Generated by registry-wizard; edit the answers, not this file. checksum: sha256:")
    assert sealed.split(b"\n", 1)[1] == text.encode()
    assert ownership(sealed) is Ownership.INTACT


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda content: content.replace(b"\n", b"\r\n"), Ownership.INTACT),
        (lambda content: b"\xef\xbb\xbf" + content, Ownership.INTACT),
        (lambda content: content + b"#\n", Ownership.EDITED),
        (lambda content: content.replace(b"replicas: 2", b"replicas: 3"), Ownership.EDITED),
        (lambda content: content.replace(b"checksum", b"cheksum", 1), Ownership.EDITED),
        (lambda content: content.split(b"\n", 1)[1], Ownership.FOREIGN),
        (lambda content: b"# mine\n" + content, Ownership.FOREIGN),
        (lambda _: b"", Ownership.FOREIGN),
        (lambda _: b"\x00\xff" * 50, Ownership.FOREIGN),
    ],
)
def test_an_edit_is_seen_and_converted_line_ends_are_none(change: Any, expected: Ownership) -> None:
    assert ownership(change(seal(render_base(APP)[DEPLOYMENT]))) is expected
