"""Every recognised stack gets a Dockerfile that holds to the rules, and a .dockerignore that fits it."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from wizard.errors import UsageError, WizardError
from wizard.generate.detection import Detection, detect
from wizard.generate.dockerfile import built_image, choose_stack, render_dockerfile, render_dockerignore
from wizard.generate.dockerfile_facts import read_dockerfile
from wizard.generate.images import images
from wizard.generate.stacks import Stack

DOCUMENTS = yaml.safe_load((Path(__file__).parent / "detection_cases" / "stacks.yml").read_text(encoding="utf-8"))
FILES = {case["name"]: {path: text.encode() for path, text in case["files"].items()} for case in DOCUMENTS}
every_stack = pytest.mark.parametrize("name", FILES)


def stack_of(name: str) -> Stack:
    stack = detect(FILES[name]).stack
    assert stack is not None
    return stack


@every_stack
def test_the_image_is_what_the_manifests_expect(name: str) -> None:
    stack = stack_of(name)
    facts = read_dockerfile("Dockerfile", render_dockerfile(stack))
    image = built_image(stack)
    assert (facts.user, facts.port, facts.user_name) == (image.user, image.port, None)
    assert image.user > 0
    assert image.port == 8080


@every_stack
def test_every_base_image_is_pinned(name: str) -> None:
    facts = read_dockerfile("Dockerfile", render_dockerfile(stack_of(name)))
    assert facts.bases
    for image in facts.bases:
        assert "$" not in image
        assert re.search(r":(?:[\w.-]*\d[\w.-]*|nonroot)$", image), image
        assert not image.endswith(":latest")


@every_stack
def test_the_rules_of_hadolint_hold(name: str) -> None:
    """The ones that matter most, without the program: numeric user, exec form, no ADD, no cache left, cleaned lists."""
    text = render_dockerfile(stack_of(name))
    instructions = [line.split(maxsplit=1) for line in text.splitlines() if re.match(r"[A-Z]+ ", line)]
    last = [rest for keyword, rest in instructions if keyword in {"CMD", "ENTRYPOINT"}]
    assert last
    assert all(rest.startswith("[") for rest in last)
    assert "ADD" not in {keyword for keyword, _ in instructions}
    assert re.findall(r"(?m)^USER (.*)$", text) == [
        f"{built_image(stack_of(name)).user}:{built_image(stack_of(name)).user}"
    ]
    assert text.count("apt-get update") == text.count("rm -rf /var/lib/apt/lists/*")
    for line in re.findall(r"pip install[^&\n]*", text):
        assert "--no-cache-dir" in line or line.startswith("pip install --python")
    assert not re.search(r"(?i)^(?:ARG|ENV) .*(?:password|secret|token)", text, re.MULTILINE)
    assert text.endswith("\n")
    assert "\n\n\n" not in text


@every_stack
def test_nothing_that_is_copied_is_ignored(name: str) -> None:
    stack = stack_of(name)
    ignored = [line for line in render_dockerignore(stack).splitlines() if not line.startswith("!")]
    sources = re.findall(r"(?m)^COPY (?!--from|<<)(?:--\S+ )*(.+) \S+$", render_dockerfile(stack))
    for source in " ".join(sources).replace('["', "").split():
        for pattern in ignored:
            assert not fnmatch(source, pattern.removeprefix("**/")), (source, pattern)


@every_stack
def test_secrets_and_history_stay_out_of_the_context(name: str) -> None:
    lines = render_dockerignore(stack_of(name)).splitlines()
    assert {".git", ".gitlab-ci.yml", "**/*.pem", "**/*.key"} <= set(lines)
    assert "**/.env*" in lines or "**/.env.local" in lines


@every_stack
def test_official_images_can_come_from_a_mirror(name: str) -> None:
    text = render_dockerfile(stack_of(name))
    declared = "ARG REGISTRY=docker.io/library" in text
    assert declared is ("${REGISTRY}/" in text)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("npm with a plain start script", "npm ci"),
        ("npm without a lock file and an LTS name", "npm install"),
        ("pnpm in a workspace, packageManager wins over the lock file of another", "pnpm@9.12.1"),
        ("yarn classic", "yarn install --frozen-lockfile"),
        ("yarn berry by version", "@yarnpkg/cli-dist@4.1.0"),
        ("bun", "bun install --frozen-lockfile"),
        ("vite without a server is a site", "try_files"),
        ("laravel with vite assets", "COPY --from=assets --chown=33:33 /app/public/build ./public/build"),
        ("laravel with vite assets", "/var/www/html/public"),
        ("python uv with fastapi in a package", "uv sync --locked --no-dev --no-editable"),
        ("python requirements with flask", f"gunicorn=={images().packages['gunicorn']}"),
        ("python poetry with django", '"shop.wsgi:application"'),
        ("go with one command", 'CGO_ENABLED=0 GOOS="$TARGETOS" GOARCH="$TARGETARCH"'),
        ("go with c and vendored modules", "CGO_ENABLED=1"),
        ("maven wrapper, modules, war, java 8", "sh ./mvnw"),
        ("gradle kotlin script with a toolchain", "sh ./gradlew --no-daemon bootJar"),
        ("rails with node assets is one stack", "SECRET_KEY_BASE_DUMMY=1"),
        ("dotnet web project with a space", "dotnet publish 'My App.csproj'"),
        ("dotnet web project with a space", 'COPY ["My App.csproj", "./"]'),
        ("rust package", "cargo build --release --locked --bin my-app"),
        ("static folder", "COPY public /usr/share/nginx/html"),
    ],
)
def test_sub_cases_show_in_the_dockerfile(name: str, expected: str) -> None:
    assert expected in render_dockerfile(stack_of(name))


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("npm with a plain start script", "node:22-alpine"),
        ("vite without a server is a site", f"node:{images().bases['node'].version}-alpine"),
        ("python requirements with flask", "python:3.11-slim"),
        ("go with one command", "golang:1.24-alpine"),
        ("maven with spring boot", "eclipse-temurin:21-jre"),
        ("dotnet web project with a space", "mcr.microsoft.com/dotnet/aspnet:8.0"),
    ],
)
def test_the_projects_own_version_wins_over_ours(name: str, image: str) -> None:
    assert any(base.endswith(image) for base in read_dockerfile("Dockerfile", render_dockerfile(stack_of(name))).bases)


def test_opcache_is_installed_only_where_php_lacks_it() -> None:
    older = detect({"composer.json": b'{"require": {"php": "~8.3.0"}}'}).stack
    newest = detect({"composer.json": b'{"require": {"php": "~8.5.0", "ext-zend-opcache": "*"}}'}).stack
    assert older is not None
    assert newest is not None
    assert "opcache" in render_dockerfile(older)
    assert "opcache" not in render_dockerfile(newest)


def test_committed_folders_come_along() -> None:
    built: dict[str, Any] = {"package.json": b'{"main": "dist/index.js"}', "dist/index.js": b""}
    vendored = {"go.mod": b"module x", "main.go": b"", "vendor/modules.txt": b""}
    for files, folder in ((built, "dist"), (vendored, "vendor")):
        stack = detect(files).stack
        assert stack is not None
        assert folder not in render_dockerignore(stack).splitlines()


def test_symfony_gets_its_committed_settings() -> None:
    ignored = render_dockerignore(stack_of("symfony without assets")).splitlines()
    assert "**/.env*" not in ignored
    assert "**/.env.local" in ignored


def test_what_writes_below_the_project_is_not_run_read_only() -> None:
    assert built_image(stack_of("go with one command")).read_only
    assert not built_image(stack_of("laravel with vite assets")).read_only


def test_auto_takes_the_only_stack() -> None:
    assert choose_stack(detect({"go.mod": b""}), "auto") is not None
    assert choose_stack(detect({"go.mod": b"", "package.json": b"{}"}), "auto") is None
    assert choose_stack(Detection(), "auto") is None


def test_a_stack_that_is_named_is_taken_or_refused() -> None:
    both = detect({"go.mod": b"", "package.json": b"{}"})
    chosen = choose_stack(both, "node")
    assert chosen is not None
    assert chosen.name == "node"
    with pytest.raises(UsageError, match="go, node") as refused:
        choose_stack(both, "rust")
    assert refused.value.code == "stack-not-found"


def test_bun_without_a_lock_file_is_refused() -> None:
    stack = detect({"package.json": b'{"packageManager": "bun@1.2.0"}'}).stack
    assert stack is not None
    with pytest.raises(WizardError, match="lock file"):
        render_dockerfile(stack)


def test_the_versions_are_dated() -> None:
    catalogue = images()
    assert catalogue.date.year >= 2026
    assert catalogue.jobs["docker"].removesuffix("-cli") == catalogue.jobs["dind"].removesuffix("-dind")
    assert images() is catalogue
