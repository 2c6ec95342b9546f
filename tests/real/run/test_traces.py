"""No generated script shows a secret, not even where a runner traces its commands (CI_DEBUG_TRACE is `set -x`)."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.core.generated_pipelines import BASE, OTHER_BASE, SAMPLES, jobs, load, script
from tests.real.programs import needs
from wizard.generate.pipeline import render_pipeline

pytestmark = [pytest.mark.real, needs(["busybox", "jq"])]
DIGEST = f"sha256:{'0' * 64}"
SECRETS = (
    *("CI_REGISTRY_PASSWORD", "CI_JOB_TOKEN", "CI_DEPLOY_PASSWORD", "DOCKER_REGISTRY_PASS"),
    *("MIRROR_HARBOR_PASS", "MIRROR_HARBOR_2_PASS", BASE.password, OTHER_BASE.password),
    *("REGISTRY_AWS_ID_TOKEN", "REGISTRY_GCP_ID_TOKEN", "REGISTRY_AZURE_ID_TOKEN"),
)
MARKERS: Mapping[str, str] = {name: f"marker-{number}-$`'\"x" for number, name in enumerate(SECRETS)}
FETCHED = "marker-fetched"
"""In every answer of a server."""
USERS = ("CI_REGISTRY_USER", "CI_DEPLOY_USER", "DOCKER_REGISTRY_USER", "MIRROR_HARBOR_USER", "MIRROR_HARBOR_2_USER")
PROGRAMS: Mapping[str, str] = {
    **dict.fromkeys(("apk", "kubectl", "kustomize"), "exit 0"),
    "aws": f"printf %s {FETCHED}",
    "curl": f"""
until [ "$1" = --output ]; do shift; done
echo '{{"access_token": "{FETCHED}", "accessToken": "{FETCHED}", "refresh_token": "{FETCHED}"}}' > "$2\"""",
    # Whatever is asked of a registry or a builder works, and leaves the files and the digest that the script looks for.
    "skopeo": 'case "$1" in login) cat > /dev/null ;; inspect) printf manifest ;; esac',
    "docker": """
for word in "$@"; do
  case "$word" in
    --password-stdin) cat > /dev/null ;;
    *metadata.json) echo '"containerimage.digest": "DIGEST"' > "$word" ;;
  esac
done""",
    "buildah": """
for word in "$@"; do
  case "$word" in
    --password-stdin) cat > /dev/null ;;
    */digest) printf DIGEST > "$word" ;;
  esac
done""",
    "buildctl-daemonless.sh": """
for word in "$@"; do
  case "$word" in *metadata.json) echo '"containerimage.digest": "DIGEST"' > "$word" ;; esac
done""",
}


def scripts() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Walk every job of every kind of pipeline, once for each different script."""
    seen = set()
    for sample, pipeline in SAMPLES.items():
        document = load(render_pipeline(pipeline))
        for name, body in jobs(document):
            text = script(document, name)
            if text not in seen:
                seen.add(text)
                own = {**document[".registry-base"].get("variables", {}), **body.get("variables", {})}
                yield f"{sample}: {name}", text, {key: str(value) for key, value in own.items()}


@pytest.mark.parametrize(("text", "variables"), [pytest.param(*rest, id=name) for name, *rest in scripts()])
def test_a_traced_script_shows_no_secret(text: str, variables: dict[str, str], tmp_path: Path) -> None:
    done = traced(text, variables, tmp_path)
    shown = done.stdout + done.stderr
    assert done.returncode == 0, shown
    assert "\n+ " in f"\n{shown}"
    assert [form for form in forms() if form in shown] == []


def forms() -> Iterator[str]:
    """Walk what must not be shown: each secret as it is, and with its user as a log-in file holds it."""
    yield FETCHED
    for value in MARKERS.values():
        yield value
        yield value[:9]
        yield from (base64.b64encode(f"{user}:{value}".encode()).decode() for user in USERS)


def traced(text: str, variables: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script as a traced job, with programs that do nothing."""
    programs = folder / "bin"
    programs.mkdir()
    for name, body in PROGRAMS.items():
        (programs / name).write_text(f"#!/bin/sh\n{body.replace('DIGEST', DIGEST)}\n", encoding="utf-8")
        (programs / name).chmod(0o755)
    # kaniko's own folder cannot be made here: the script's two words of it are taken to this one.
    (programs / "executor").write_text(f'#!/bin/sh\nprintf {DIGEST} > "$DOCKER_CONFIG/digest"\n', encoding="utf-8")
    (programs / "executor").chmod(0o755)
    text = text.replace("/kaniko/executor", str(programs / "executor")).replace("/kaniko/", f"{folder}/")
    for name in ("k8s/overlays/staging", "k8s/overlays/production", "k8s/overlays/customers"):
        (folder / name).mkdir(parents=True)
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "TMPDIR": str(folder),
        **dict.fromkeys(USERS, "user"),
        **dict.fromkeys((BASE.user, OTHER_BASE.user), "puller"),
        **MARKERS,
        "CI_REGISTRY": "registry.example.com",
        "CI_REGISTRY_IMAGE": "registry.example.com/acme/app",
        "DOCKER_REGISTRY": "external.example.com",
        "CI_PROJECT_DIR": str(folder),
        "CI_PROJECT_URL": "https://gitlab.example.com/acme/app",
        "CI_PROJECT_ID": "1",
        "CI_PIPELINE_ID": "2",
        "CI_PIPELINE_IID": "3",
        "CI_JOB_ID": "4",
        "CI_COMMIT_SHA": "0" * 40,
        "CI_COMMIT_REF_SLUG": "main",
        "CI_COMMIT_BRANCH": "main",
        "CI_COMMIT_REF_PROTECTED": "true",
        "REGISTRY_IMAGE": f"registry.example.com/acme/app@{DIGEST}",
        # Of the text that `skopeo inspect` answers here.
        "REGISTRY_IMAGE_DIGEST": "sha256:" + hashlib.sha256(b"manifest").hexdigest(),
        **variables,
    }
    return subprocess.run(
        ["busybox", "sh", "-x"], input=text, env=environment, cwd=folder, text=True, capture_output=True, check=False
    )
