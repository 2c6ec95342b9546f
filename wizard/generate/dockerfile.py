"""A Dockerfile and a .dockerignore for a recognised stack."""

from __future__ import annotations

from dataclasses import dataclass

from wizard.errors import UsageError, WizardError
from wizard.generate.detection import Detection
from wizard.generate.images import images
from wizard.generate.stacks import Stack
from wizard.generate.stacks.go import Go
from wizard.generate.stacks.image import PORT
from wizard.generate.stacks.node import Node
from wizard.generate.stacks.php import Php
from wizard.generate.templates import render

_COMMON_IGNORES = (
    ".git",
    ".gitlab",
    ".gitlab-ci.yml",
    ".dockerignore",
    "Dockerfile*",
    "k8s/base",
    "k8s/overlays",
    "**/*.key",
    "**/*.pem",
    "**/.DS_Store",
    "coverage",
)
_NODE_IGNORES = ("**/node_modules", ".next", ".nuxt", ".output", "build", "dist", "npm-debug.log*")
_IGNORES = {
    "php": ("**/node_modules", "public/build", "vendor"),
    "node": _NODE_IGNORES,
    "python": (
        "**/*.pyc",
        "**/__pycache__",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".tox",
        ".venv",
        "build",
        "dist",
    ),
    "go": ("vendor",),
    "java": ("**/build", "**/target", ".gradle", ".idea"),
    "ruby": (".bundle", "log", "**/node_modules", "public/assets", "tmp", "vendor/bundle"),
    "dotnet": ("**/bin", "**/obj", ".vs"),
    "rust": ("target",),
    "static": ("**/node_modules",),
}
_MIRROR = """\
# Where official images come from: Docker Hub, or a mirror such as GitLab's dependency proxy.
ARG REGISTRY=docker.io/library
"""


@dataclass(frozen=True, slots=True)
class BuiltImage:
    """What the workload must know of the image that a generated Dockerfile makes."""

    user: int
    port: int
    read_only: bool
    """Runs with a read-only root file system and a writable /tmp."""


def choose_stack(detection: Detection, wanted: str) -> Stack | None:
    """Return the stack to generate for: the one asked for, or with `auto` the only one that was found.

    Raises UsageError where the one asked for was not found: nothing is known of it then.
    """
    if wanted == "auto":
        return detection.stack
    stack = detection.stack_named(wanted)
    if stack is None:
        found = ", ".join(stack.name for stack in detection.stacks) or "nothing that is known"
        raise UsageError(
            "stack-not-found",
            f"The answers ask for the stack {wanted}, but the root of the repository holds no such project: {found}.",
            "Correct build.stack, or write a Dockerfile of your own.",
        )
    return stack


def built_image(stack: Stack) -> BuiltImage:
    """Return the numeric user, port and file system needs of the image for `stack`."""
    return BuiltImage(user=stack.user, port=PORT, read_only=stack.read_only)


def render_dockerfile(stack: Stack) -> str:
    """Return a multi-stage Dockerfile. Raises WizardError where the stack cannot be built as it is."""
    if isinstance(stack, Node) and stack.manager == "bun" and not stack.lock:
        raise WizardError(
            "no-lock-file", "Bun builds from a lock file, and there is none.", "Run `bun install` and commit bun.lock."
        )
    extensions = _php_extensions(stack) if isinstance(stack, Php) else ()
    text = render(f"dockerfiles/{stack.name}.j2", s=stack, user=stack.user, port=PORT, extensions=extensions)
    return f"{_MIRROR}\n{text}" if "${REGISTRY}/" in text else text


def render_dockerignore(stack: Stack) -> str:
    """Return what the build context leaves out; nothing that the generated Dockerfile copies is among it."""
    committed = _committed(stack)
    ignored = (*_COMMON_IGNORES, *_environment_files(stack), *_IGNORES[stack.name])
    return "".join(f"{name}\n" for name in ignored if name not in committed)


def _committed(stack: Stack) -> tuple[str, ...]:
    """Return folders that no build fills, so that they come from the repository."""
    if isinstance(stack, Go):
        return ("vendor",) if stack.sources_first else ()
    if isinstance(stack, Node):
        return () if stack.build else ("build", "dist")
    if isinstance(stack, Php):
        return (*(() if stack.composer else ("vendor",)), *(() if stack.assets else ("public/build",)))
    return ()


def _environment_files(stack: Stack) -> tuple[str, ...]:
    """Symfony reads the committed `.env`; elsewhere it holds a developer's secrets."""
    if isinstance(stack, Php) and stack.framework == "symfony":
        return ("**/.env.local", "**/.env.*.local")
    return ("**/.env*", "!**/.env.example")


def _php_extensions(stack: Php) -> tuple[str, ...]:
    """Return what to install; opcache is compiled in from PHP 8.5 on and cannot be installed there."""
    number = stack.version or images().bases["php"].version
    older = tuple(int(part) for part in number.split(".")) < (8, 5)
    return tuple(sorted({*stack.extensions, "opcache"} if older else set(stack.extensions) - {"opcache"}))
