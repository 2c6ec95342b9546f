"""Manifests that a repository already has: which workloads they hold, and which kustomizations bring them."""

from __future__ import annotations

import pytest

from wizard.generate.detection import detect, wanted
from wizard.generate.kubernetes import KubernetesApp, render_base
from wizard.generate.kustomizations import Built, Kustomization, built, reached
from wizard.generate.manifests import Container, Workload
from wizard.generate.owned import seal

WEB = b"""\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: web, image: x}]}}}
"""
CRON = b"""\
apiVersion: batch/v1
kind: CronJob
metadata: {name: tick}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: tick, image: x}]}}}}}
"""
DATABASE = b"""\
# written by hand
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: data}
spec:
  updateStrategy: {type: OnDelete}
  template:
    spec:
      initContainers: [{name: migrate, image: "${IMAGE}"}]
      containers: [{name: db, image: x}, {name: patched, resources: {}}]
"""


def test_a_workload_is_told_with_its_containers_its_namespace_and_its_line() -> None:
    assert detect({"deploy/db.yaml": DATABASE}).workloads == (
        Workload(
            "db",
            "deploy/db.yaml",
            "StatefulSet",
            (Container("migrate", "${IMAGE}", init=True), Container("db", "x")),
            namespace="data",
            api_version="apps/v1",
            line=2,
            waits=False,
            left_open=("${IMAGE}",),
        ),
    )


def test_a_cron_job_has_its_pod_deeper_and_is_not_waited_for() -> None:
    (found,) = detect({"k8s/tick.yml": CRON}).workloads
    assert (found.kind, found.containers, found.served, found.waits) == (
        "CronJob",
        (Container("tick", "x"),),
        "batch/v1",
        False,
    )


def test_every_document_of_a_file_is_looked_at_and_told_with_its_line() -> None:
    file = b"kind: Service\nmetadata: {name: s}\n---\n\n# ours\n" + WEB + b"---\n" + CRON
    found = detect({"k8s/all.yaml": file}).workloads
    assert [(each.kind, each.place) for each in found] == [
        ("Deployment", "k8s/all.yaml:6"),
        ("CronJob", "k8s/all.yaml:11"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        WEB.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + WEB,
        b"---\n" + WEB + b"---\n",
        b"kind: List\nitems:\n- " + WEB.replace(b"\n", b"\n  "),
    ],
    ids=["CRLF", "a byte order mark", "document marks", "a list"],
)  # fmt: skip
def test_a_workload_is_found_however_the_file_is_written(content: bytes) -> None:
    (found,) = detect({"k8s/web.yaml": content}).workloads
    assert (found.name, found.containers) == ("web", (Container("web", "x"),))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("deploy/web.yaml", True),
        ("apps/k8s/eu/web.yml", True),
        ("k8s-web.yaml", True),
        ("anywhere/at/all/kustomization.yaml", True),
        ("Kustomization", True),
        ("docs/example.yaml", False),
        ("k8s/chart/templates/web.yaml", False),
        ("charts/x/deploy/web.yaml", False),
        ("k8s/vendor/kustomization.yaml", False),
        ("k8s/a\nb.yaml", False),
    ],
)
def test_a_manifest_is_known_by_where_it_lies(path: str, expected: bool) -> None:
    assert wanted(path) is expected
    assert bool(detect({path: WEB}).workloads) is expected


def test_one_that_the_answers_name_is_found_wherever_it_lies() -> None:
    files = {"chart/templates/web.yaml": WEB, "docs/example.yaml": WEB}
    assert [found.path for found in detect(files, ["docs/example.yaml"]).workloads] == ["docs/example.yaml"]


def test_what_is_far_too_much_is_not_read_but_what_the_answers_name_is() -> None:
    files = {f"deploy/{at}.yaml": WEB + b"#" * (1 << 20) for at in range(6)}
    assert [found.path for found in detect(files).workloads] == [f"deploy/{at}.yaml" for at in range(4)]
    named = [found.path for found in detect(files, ["deploy/5.yaml"]).workloads]
    assert named == ["deploy/0.yaml", "deploy/1.yaml", "deploy/2.yaml", "deploy/5.yaml"]


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        (b"---\nkind: {{ .Values.kind }}: [\n", "line 6: "),
        (b"---\nkind: x\nreplicas: {{ .Values.replicas }}\n", "line 7: found unhashable key"),
        (b"{{- if .Values.web }}\n", "line 6: "),
        (b"---\na: b\n\tc: d\n", "line 7: found character '\\t' that cannot start any token"),
        (b"---\n" + b"[" * 5000, "line 5: it is nested too deeply"),
        (b"---\n\x00\n", "line 5: "),
    ],
    ids=["a template", "a template in a value", "a template around", "a tab", "nesting", "no text"],
)
def test_what_cannot_be_read_is_told_with_its_line_and_hides_nothing_else(template: bytes, fault: str) -> None:
    found = detect({"k8s/web.yaml": WEB + template, "k8s/tick.yaml": CRON})
    assert found.faults["k8s/web.yaml"].startswith(fault)
    assert "k8s/tick.yaml" in {each.path for each in found.workloads}
    assert list(found.faults) == ["k8s/web.yaml"]


def test_a_document_that_holds_itself_comes_to_an_end() -> None:
    (found,) = detect({"k8s/web.yaml": WEB + b"x: &a [*a, {b: *a}, $B]\n"}).workloads
    assert found.left_open == ("$B",)


def test_what_was_generated_is_no_workload_of_their_own() -> None:
    files = {path: seal(text) for path, text in render_base(KubernetesApp(name="web", repository="r/a")).items()}
    edited = {path: content + b"# by hand\n" for path, content in files.items()}
    assert detect(files).workloads == detect(edited).workloads == ()


def test_kustomizations_name_what_they_build_on_and_patch() -> None:
    found = detect(
        {
            "deploy/base/kustomization.yaml": b"namePrefix: x-\n"
            b"resources: [web.yaml, ../shared, https://e.test/a.yaml, ../../..]\n",
            "deploy/base/web.yaml": WEB,
            "deploy/shared/Kustomization": b"kind: Component\nhelmCharts: [{name: c}]\n",
            "deploy/overlays/qa/kustomization.yml": b"namespace: qa\nbases: [../../base]\n"
            b"patchesStrategicMerge: [web.yaml]\npatches: [{path: more.yaml}, {patch: '- op: remove'}]\n",
            "deploy/overlays/qa/web.yaml": WEB,
            "deploy/overlays/qa/more.yaml": WEB,
        }
    )
    assert found.kustomizations == (
        Kustomization("deploy/base", ("deploy/base/web.yaml", "deploy/shared"), prefix="x-"),
        Kustomization(
            "deploy/overlays/qa",
            ("deploy/base",),
            ("deploy/overlays/qa/web.yaml", "deploy/overlays/qa/more.yaml"),
            namespace="qa",
        ),
        Kustomization("deploy/shared", helm=True, usable=False),
    )
    assert [workload.path for workload in found.workloads] == ["deploy/base/web.yaml"]
    assert found.overlays == ("deploy/overlays/qa",)


def test_kustomizations_are_followed_and_add_to_names() -> None:
    kustomizations = (
        Kustomization("base", ("base/web.yaml",), suffix="-b", namespace="inner"),
        Kustomization("qa", ("base", "qa/more.yaml"), prefix="qa-"),
    )
    assert reached("qa", kustomizations) == ("qa", "base", "qa/more.yaml", "base/web.yaml")
    assert built(Built("web", "own"), "base/web.yaml", "qa", kustomizations) == Built("qa-web-b", "inner")
    assert built(Built("web", "own"), "other/web.yaml", "qa", kustomizations) is None


def test_kustomizations_that_build_on_each_other_come_to_an_end() -> None:
    circle = (Kustomization("a", ("b",)), Kustomization("b", ("a", "b/web.yaml")))
    assert reached("a", circle) == ("a", "b", "b/web.yaml")
    assert built(Built("web", ""), "b/web.yaml", "a", circle) == Built("web", "")
