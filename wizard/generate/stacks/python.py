"""Python: six ways to install, three frameworks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from wizard.generate.stacks.image import ADDRESS, PORT, SCRATCH
from wizard.generate.tree import Tree, string, table, version

Manager = Literal["uv", "poetry", "pdm", "pipenv", "requirements", "pyproject"]
_FILES: Mapping[str, Manager] = {
    "uv.lock": "uv",
    "poetry.lock": "poetry",
    "pdm.lock": "pdm",
    "Pipfile.lock": "pipenv",
    "requirements.txt": "requirements",
    "pyproject.toml": "pyproject",
}
ENTRY_FILES = r"(?:src/)?(?:\w+/)?(?:app|main|wsgi|asgi|server|api|__init__|manage)\.py"
"""Python files that may hold the application object."""
_DEBIAN: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "psycopg2": (("libpq-dev",), ("libpq5",)),
    "mysqlclient": (("default-libmysqlclient-dev", "pkg-config"), ("libmariadb3",)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Python:
    """A lock file, a requirements.txt or a pyproject.toml in the root."""

    name: ClassVar[str] = "python"
    version: str = ""
    manager: Manager = "requirements"
    manifests: tuple[str, ...] = ("requirements.txt",)
    package: bool = False
    """The project itself is installed (it has a build system)."""
    framework: Literal["django", "fastapi", "flask", ""] = ""
    command: tuple[str, ...] = ("python", "main.py")
    server: str = ""
    """A server to install beside what the project asks for: gunicorn, uvicorn or nothing."""
    build_packages: tuple[str, ...] = ()
    runtime_packages: tuple[str, ...] = ()
    guesses: tuple[str, ...] = ()

    @property
    def user(self) -> int:
        """A user of our own: the image has none but root."""
        return 10001

    @property
    def read_only(self) -> bool:
        """Workers keep their files in /tmp."""
        return True


def detect_python(tree: Tree) -> Python | None:
    """Read the manifests in the order in which they say most."""
    manager = next((kind for name, kind in _FILES.items() if tree.has(name)), None)
    project = tree.toml("pyproject.toml")
    if manager is None or (manager == "pyproject" and not _is_project(project)):
        return None
    packages = _packages(tree, project)
    framework = _framework(tree, packages)
    command, guesses = _command(tree, project, framework)
    server = command[0] if command[0] in {"gunicorn", "uvicorn"} and command[0] not in packages else ""
    build, runtime = _debian(packages)
    return Python(
        version=_version(tree, project),
        manager=manager,
        manifests=_manifests(tree, manager),
        package=manager != "requirements" and "build-system" in project,
        framework=framework,
        command=command,
        server=server,
        build_packages=build,
        runtime_packages=runtime,
        guesses=guesses,
    )


def _is_project(project: Mapping[str, Any]) -> bool:
    return bool(table(project, "project") or table(project, "tool", "poetry"))


def _manifests(tree: Tree, manager: Manager) -> tuple[str, ...]:
    wanted: Mapping[Manager, tuple[str, ...]] = {
        "uv": ("pyproject.toml", "uv.lock", ".python-version"),
        "poetry": ("pyproject.toml", "poetry.lock"),
        "pdm": ("pyproject.toml", "pdm.lock"),
        "pipenv": ("Pipfile", "Pipfile.lock"),
        "requirements": ("requirements.txt", "constraints.txt"),
        "pyproject": ("pyproject.toml",),
    }
    return tuple(name for name in wanted[manager] if tree.has(name))


def _debian(packages: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    build: list[str] = []
    runtime: list[str] = []
    for name in sorted(packages & _DEBIAN.keys()):
        build += _DEBIAN[name][0]
        runtime += _DEBIAN[name][1]
    return (("build-essential", *build) if build else ()), tuple(runtime)


def _packages(tree: Tree, project: Mapping[str, Any]) -> frozenset[str]:
    """Return the normalised names of the direct dependencies."""
    stated = table(project, "project").get("dependencies")
    listed: list[str] = [text for text in stated if isinstance(text, str)] if isinstance(stated, list) else []
    listed += table(project, "tool", "poetry", "dependencies")
    listed += table(tree.toml("Pipfile"), "packages")
    listed += tree.text("requirements.txt").splitlines()
    return frozenset(_normalised(listed))


def _normalised(lines: Iterable[str]) -> Iterable[str]:
    for line in lines:
        found = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)(\[[^\]]*\])?", line)
        if found:
            name = re.sub(r"[-_.]+", "-", found[1]).lower()
            yield name
            if name == "fastapi" and "standard" in (found[2] or ""):
                yield "uvicorn"


def _version(tree: Tree, project: Mapping[str, Any]) -> str:
    for name in (".python-version", "runtime.txt"):
        found = version(tree.word(name).removeprefix("python-"))
        if found.startswith("3."):
            return found
    required = string(table(project, "project"), "requires-python")
    required = required or string(table(project, "tool", "poetry", "dependencies"), "python")
    required = required or string(table(tree.toml("Pipfile"), "requires"), "python_version")
    below = re.search(r"<\s*3\.(\d{1,3})", required)
    if below:
        return f"3.{max(int(below[1]) - 1, 0)}"
    exact = re.match(r"\s*(?:<=|={2,3}|~(?==?\s*3\.\d+\.)=?)?\s*(3\.\d{1,3})", required)
    return exact[1] if exact else ""


def _framework(tree: Tree, packages: frozenset[str]) -> Literal["django", "fastapi", "flask", ""]:
    if "django" in packages or "DJANGO_SETTINGS_MODULE" in tree.text("manage.py"):
        return "django"
    if "fastapi" in packages:
        return "fastapi"
    return "flask" if "flask" in packages else ""


def _command(tree: Tree, project: Mapping[str, Any], framework: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if framework == "django":
        return _django(tree)
    if framework:
        return _application(tree, framework)
    scripts = table(project, "project", "scripts")
    script = next((name for name in scripts if re.fullmatch(r"[\w.-]+", name)), None)
    if script and "build-system" in project:
        return (script,), ()
    entry = next((name for name in ("main.py", "app.py", "server.py", "bot.py") if tree.has(name)), None)
    module = next((path.split("/")[-2] for path in tree.matching(r"(?:src/)?\w+/__main__\.py")), None)
    if entry is None and module:
        return ("python", "-m", module), ()
    guess = "" if entry else "No entry point was found: the image starts main.py."
    return ("python", entry or "main.py"), ((guess,) if guess else ())


def _django(tree: Tree) -> tuple[tuple[str, ...], tuple[str, ...]]:
    settings = re.search(r"DJANGO_SETTINGS_MODULE[\"']\s*,\s*[\"']([\w.]+)", tree.text("manage.py"))
    package = settings[1].split(".")[0] if settings else ""
    if not package:
        package = next((path.rsplit("/", 1)[0] for path in tree.matching(r"\w+/wsgi\.py")), "")
    guess = "" if package else "The Django project was not found: the image starts config.wsgi."
    return _gunicorn(f"{package or 'config'}.wsgi:application"), ((guess,) if guess else ())


def _gunicorn(application: str) -> tuple[str, ...]:
    return ("gunicorn", "--bind", f"{ADDRESS}:{PORT}", "--worker-tmp-dir", SCRATCH, application)


def _application(tree: Tree, framework: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    kind = {"fastapi": "FastAPI", "flask": "Flask"}[framework]
    found = None
    factory = False
    for path in sorted(tree.matching(ENTRY_FILES), key=lambda path: (path.count("/"), path)):
        module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".").removeprefix("src.")
        text = tree.text(path)
        name = re.search(rf"(?m)^(\w+)\s*(?::[^=\n]+)?=\s*(?:\w+\.)?{kind}\(", text)
        maker = re.search(r"(?m)^def (\w+)\([^)\n]*\)(?:\s*->[^:\n]+)?:", text) if f"{kind}(" in text else None
        if name or maker:
            factory = name is None
            found = f"{module}:{(name or maker or [''])[1]}"
            break
    guesses = () if found else (f"The {kind} object was not found: the image starts main:app.",)
    target = found or "main:app"
    if framework == "flask":
        return _gunicorn(f"{target}()" if factory else target), guesses
    return ("uvicorn", "--host", ADDRESS, "--port", str(PORT), *(["--factory"] if factory else []), target), guesses
