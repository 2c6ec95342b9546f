"""Mistakes that samples of registry pipelines hold, each with a line that makes it and the pattern that finds it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

IN_SCRIPTS: Mapping[str, tuple[str, str]] = {
    "a password among the arguments": (r'docker login "$H" -u u -p "$P"', r"\blogin\b.* (?:-p|--password)[ =]"),
    "a password with a line end": (
        'echo "$P" | docker login --password-stdin',
        r"\becho\b[^|\n]*\$[^|\n]*\|(?!\|)",
    ),
    "a password in a flag of kubectl": (
        "kubectl create --docker-password=x",
        r"--docker-password|--from-literal",
    ),
    "a secret copied into an annotation": (
        "kubectl create secret generic s | kubectl apply -f -",
        r"create secret\b.*\bapply\b(?!.*--server-side)",
    ),
    "an encoding that wraps": ("printf x | base64", r"\| *base64(?!.*(?:tr -d|-d\b))"),
    "a text that some shells print otherwise": ('echo -n "u:p"', r"\becho -[ne]"),
    "an install script piped into a shell": ("curl -fsSL get.docker.com | sh", r"get\.docker\.com|\| *(?:ba)?sh\b"),
    "a copy of one platform": ("docker pull a && docker tag a b && docker push b", r"\bdocker (?:pull|tag|push)\b"),
    "a copy that changes digests": ("skopeo copy a b", r"skopeo copy\b(?!.*--preserve-digests)"),
    "a copy of one platform by skopeo": ("skopeo copy --preserve-digests a b", r"skopeo copy\b(?!.*--all)"),
    "TLS that is not verified": (
        "skopeo --tls-verify=false copy",
        r"--(?:src-|dest-)?tls-verify=false|--insecure|-k\b",
    ),
    "lasting keys of a cloud": ('echo "$AWS_SECRET_ACCESS_KEY"', r"AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY)"),
    "names without their underscores": ('"$DOCKERREGISTRYPASS"', r"DOCKERREGISTRY|CIJOBTOKEN|DOCKERAUTHCONFIG"),
}
IN_DOCKERFILES: Mapping[str, tuple[str, str]] = {
    "an install that may change the lock file": ("RUN npm i", r"\bnpm (?:i|install)\b(?! --global)"),
    "a moving base": ("FROM node:latest", r"(?i)^FROM \S+:latest\b"),
    "a base without a version": ("FROM node AS build", r"(?i)^FROM (?!scratch\b)[a-z0-9./-]+(?: AS \S+)?$"),
    "an install script piped into a shell": ("RUN curl -fsSL x | sh", r"\| *(?:ba)?sh\b"),
}


def found(mistakes: Mapping[str, tuple[str, str]], text: str) -> Iterator[str]:
    """Yield each mistake of a text with its line; a line that goes on after a backslash or a bar is one line."""
    for line in re.sub(r"\\\n\s*|(?<=\|)\n\s*", " ", text).splitlines():
        code = "" if line.lstrip().startswith("#") else line
        yield from (f"{name}: {line}" for name, (_, pattern) in mistakes.items() if re.search(pattern, code))


def of_job(name: str, job: Mapping[str, Any], text: str) -> Iterator[str]:
    """Yield the mistakes that a job makes beside its script."""
    if not isinstance(job.get("stage"), str):
        yield f"{name}: the stage is no text"
    if {"only", "except"} & job.keys() or not job.get("rules"):
        yield f"{name}: no rules"
    if not _pinned(job.get("image")):
        yield f"{name}: the image is not pinned: {job.get('image')}"
    if name.startswith("registry-image-build") and "$CI_COMMIT_SHA" not in text:
        yield f"{name}: no tag can be traced to a commit"
    if name.startswith("registry-mirror") and "REGISTRY_IMAGE_DIGEST" not in text:
        yield f"{name}: the copy is not compared"
    if name.startswith("registry-deploy"):
        if "environment" not in job:
            yield f"{name}: no environment"
        if "$REGISTRY_IMAGE" not in text and "REGISTRY_IMAGE_DIGEST" not in text:
            yield f"{name}: not deployed by digest"
        if 'use-context "$KUBE_CONTEXT"' not in text:
            yield f"{name}: the cluster is that of nobody"


def _pinned(image: object) -> bool:
    name = image.get("name") if isinstance(image, dict) else image
    tag = str(name).rpartition("/")[2].partition(":")[2]
    return bool(re.search(r"\d", tag)) or "@sha256:" in str(name)
