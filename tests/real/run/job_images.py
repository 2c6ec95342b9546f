"""Stand-ins for the images that generated jobs run in: under the same name, made of this machine's programs.

No registry of images is reached from a test. A job finds the same commands; what a stand-in cannot do is said in
`REPLACED`, and a test prints it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.real.run.engine import Engine
from tests.real.run.rootfs import rootfs
from wizard.generate.images import images

HELPER = "registry-wizard/helper:1"
"""What gitlab-ci-local copies files with."""
REPLACED: Mapping[str, str] = {
    "tools": "busybox, skopeo, curl and jq of this machine; `apk add` passes where the program is there already",
    "buildah": "busybox and buildah of this machine, the chroot isolation that the job asks for",
    "docker": "busybox, docker and skopeo of this machine; `docker buildx` is done by the engine's own builder",
    "buildkit-rootless": "`buildctl-daemonless.sh` is done by buildah with the log-in file of the job",
    "kaniko": "`/kaniko/executor` is done by buildah with the log-in file of the job",
    "kubernetes": "busybox and kubectl of this machine; `kustomize edit set image` is a script",
}
"""What stands in for each image of `assets/images.yml`."""
_STAND_INS = Path(__file__).with_name("stand_ins")
_STORAGE = """[storage]
driver = "overlay"
runroot = "/run/containers/storage"
graphroot = "/var/lib/containers/storage"
[storage.options.overlay]
mount_program = "/usr/bin/fuse-overlayfs"
"""
"""As in quay.io/buildah/stable. Without one, buildah 1.28 takes no driver from the environment when it pushes."""
_POLICY = '{"default": [{"type": "insecureAcceptAnything"}]}'


@dataclass(frozen=True, slots=True)
class _Recipe:
    programs: Sequence[str]
    stand_ins: Mapping[str, str] = field(default_factory=dict)
    """Paths in the image, and what lies there from `stand_ins/`."""


RECIPES: Mapping[str, _Recipe] = {
    "tools": _Recipe(("skopeo", "curl", "jq"), {"usr/bin/apk": "apk"}),
    "buildah": _Recipe(("buildah",)),
    "docker": _Recipe(
        ("docker", "skopeo"), {"usr/bin/apk": "apk", "usr/libexec/docker/cli-plugins/docker-buildx": "docker-buildx"}
    ),
    "buildkit-rootless": _Recipe(("buildah",), {"usr/bin/buildctl-daemonless.sh": "buildctl-daemonless.sh"}),
    "kaniko": _Recipe(("buildah",), {"kaniko/executor": "executor"}),
    "kubernetes": _Recipe(("kubectl",), {"usr/bin/kustomize": "kustomize"}),
}


def make(engine: Engine, name: str, registries: Sequence[str]) -> str:
    """Put the stand-in for an image of `assets/images.yml` into the engine; returns its name.

    `registries` speak plain http: a runner's administrator would set them up so.
    """
    recipe = RECIPES[name]
    reference = images().jobs[name]
    plain = "".join(f'[[registry]]\nlocation = "{address}"\ninsecure = true\n' for address in registries)
    files = {
        "etc/containers/policy.json": _POLICY,
        "etc/containers/registries.conf": plain,
        "etc/containers/storage.conf": _STORAGE,
    }
    stand_ins = {"usr/local/bin/sh": "traced-sh", **recipe.stand_ins}
    scripts = {path: (_STAND_INS / name).read_text(encoding="utf-8") for path, name in stand_ins.items()}
    engine.docker("import", "-", reference, stdin=rootfs(recipe.programs, files, scripts))
    return reference


def make_helper(engine: Engine) -> str:
    """Put the image into the engine with which gitlab-ci-local copies files."""
    engine.docker("import", "-", HELPER, stdin=rootfs(("bash", "rsync")))
    return HELPER
