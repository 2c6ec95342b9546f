"""Node.js and Bun: a server, or a site that is built once and served as files."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from wizard.generate.tree import Tree, names, string, table, version

Manager = Literal["npm", "pnpm", "yarn", "berry", "bun"]
"""`yarn` is Yarn 1, `berry` Yarn 2 and later: they share the name of the lock file and little else."""

_LOCKS: Mapping[str, Manager] = {
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
}
_LTS = {"hydrogen": "18", "iron": "20", "jod": "22", "krypton": "24"}
_SERVERS = frozenset({
    "@apollo/server", "@astrojs/node", "@hapi/hapi", "@nestjs/core", "@react-router/serve", "@remix-run/node",
    "express", "fastify", "h3", "hono", "koa", "nitropack", "polka", "restify", "socket.io",
})  # fmt: skip
_SITES: Mapping[str, str] = {
    "@sveltejs/adapter-static": "build",
    "react-scripts": "build",
    "@vue/cli-service": "dist",
    "gatsby": "public",
    "@docusaurus/core": "build",
    "@11ty/eleventy": "_site",
    "astro": "dist",
    "vite": "dist",
}
_ROUTED = frozenset({"@angular/core", "@vue/cli-service", "react-scripts", "vite"})
_PAGES = frozenset({"@11ty/eleventy", "@docusaurus/core", "@sveltejs/adapter-static", "astro", "gatsby", "vitepress"})
_FRAMEWORKS: Mapping[str, tuple[str, ...]] = {
    "next": ("node", "node_modules/next/dist/bin/next", "start", "--port", "8080"),
    "nuxt": ("node", ".output/server/index.mjs"),
    "@sveltejs/adapter-node": ("node", "build"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A package.json in the root."""

    name: ClassVar[str] = "node"
    version: str = ""
    """Major version of Node.js; empty: not stated."""
    manager: Manager = "npm"
    manager_version: str = ""
    """From `packageManager`; empty: not stated."""
    lock: str | None = None
    manifests: tuple[str, ...] = ("package.json",)
    """What an installation reads, copied before the sources."""
    sources_first: bool = False
    """Installing needs the sources: workspaces, patches or install scripts."""
    framework: str = ""
    build: bool = False
    """There is a `build` script."""
    command: tuple[str, ...] = ("npm", "start")
    site: str | None = None
    """Folder of the built site, where no server runs."""
    spa: bool = False
    """The site answers every path with its index.html."""
    guesses: tuple[str, ...] = ()

    @property
    def user(self) -> int:
        """`node` and `bun` of their images, `nginx` where a built site is served."""
        return 101 if self.site else 1000

    @property
    def read_only(self) -> bool:
        """Next.js writes its cache beside the program."""
        return self.framework != "next"


def detect_node(tree: Tree) -> Node | None:
    """Read package.json, its lock file and version files."""
    if not tree.has("package.json"):
        return None
    package = tree.json("package.json")
    packages = names(package, "dependencies", "devDependencies")
    scripts = table(package, "scripts")
    manager, manager_version, lock = _manager(tree, package)
    framework = next((name for name in _FRAMEWORKS if name in packages), "")
    site = None if framework or packages & _SERVERS else _site(tree, packages, scripts)
    command, guesses = (("nginx",), ()) if site else _command(tree, package, framework, manager)
    extra = filter(tree.has, (".npmrc", ".yarnrc.yml", ".yarnrc", "bunfig.toml", "pnpm-workspace.yaml"))
    return Node(
        version=_version(tree, package),
        manager=manager,
        manager_version=manager_version,
        lock=lock,
        manifests=("package.json", *([lock] if lock else []), *extra),
        sources_first=bool(package.get("workspaces"))
        or tree.has("pnpm-workspace.yaml")
        or any(tree.folder(name) for name in ("patches", ".yarn"))
        or any(name in scripts for name in ("preinstall", "install", "postinstall", "prepare")),
        framework=framework,
        build="build" in scripts,
        command=command,
        site=site,
        spa=bool(site) and bool(packages & _ROUTED) and not packages & _PAGES,
        guesses=guesses,
    )


def _manager(tree: Tree, package: Mapping[str, Any]) -> tuple[Manager, str, str | None]:
    stated = re.match(r"(npm|pnpm|yarn|bun)@(\d+(?:\.\d+){0,2}(?:-[0-9A-Za-z.-]+)?)", string(package, "packageManager"))
    present = [name for name in _LOCKS if tree.has(name)]
    if stated:
        word, number = stated[1], stated[2]
        lock = next((name for name in present if _LOCKS[name] == word), None)
        return _flavour(tree, word, number), number, lock
    if not present:
        return "npm", "", None
    return _flavour(tree, _LOCKS[present[0]], ""), "", present[0]


def _flavour(tree: Tree, word: str, number: str) -> Manager:
    if word == "yarn":
        later = bool(number) and not number.startswith(("0.", "1."))
        return "berry" if later or (not number and tree.has(".yarnrc.yml")) else "yarn"
    found: Manager = next(manager for manager in _LOCKS.values() if manager == word)
    return found


def _version(tree: Tree, package: Mapping[str, Any]) -> str:
    for name in (".nvmrc", ".node-version"):
        word = tree.word(name).lower()
        if word.startswith("lts/") and word[4:] in _LTS:
            return _LTS[word[4:]]
        if version(word, 1):
            return version(word, 1)
    engine = string(table(package, "engines"), "node")
    majors = [int(number) for number in re.findall(r"(?<![<.\d])(?:[\^~=>v ]*)(?<![\d.])(\d{1,3})(?:[.\dx*]*)", engine)]
    bounds = {int(number) for number in re.findall(r"<\s*v?(\d{1,3})", engine)}
    if re.fullmatch(r"\s*>=?[\s\dv.x]+", engine):
        return ""
    upper = [bound - 1 for bound in bounds]
    candidates = upper or [major for major in majors if major not in bounds]
    return str(max(candidates)) if candidates else ""


def _site(tree: Tree, packages: frozenset[str], scripts: Mapping[str, Any]) -> str | None:
    served = "@sveltejs/kit" in packages and "@sveltejs/adapter-static" not in packages
    if served or "build" not in scripts:
        return None
    if "@angular/core" in packages:
        return _angular(tree)
    start = string(scripts, "start")
    if start and re.search(r"(?:^|&&|\s)(?:node|ts-node|tsx|nodemon|pm2)\s", f"{start} "):
        return None
    return next((folder for name, folder in _SITES.items() if name in packages), None)


def _angular(tree: Tree) -> str:
    projects = table(tree.json("angular.json"), "projects")
    name = next((name for name in projects if re.fullmatch(r"[\w-]+", name)), "app")
    output = table(projects, name, "architect", "build", "options").get("outputPath")
    if isinstance(output, dict):
        output = output.get("base")
    folder = output if isinstance(output, str) and re.fullmatch(r"[\w./-]+", output) else f"dist/{name}"
    return f"{folder.rstrip('/')}/browser"


def _command(
    tree: Tree, package: Mapping[str, Any], framework: str, manager: Manager
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if framework:
        return _FRAMEWORKS[framework], ()
    start = string(table(package, "scripts"), "start")
    runtime = "bun" if manager == "bun" else "node"
    if re.fullmatch(rf"{runtime}(?: [\w@./=:-]+)+", start):
        return tuple(shlex.split(start)), ()
    if start:
        return ((runtime, "run", "start") if runtime == "bun" else ("npm", "start")), ()
    main = string(package, "main")
    if re.fullmatch(r"[\w@./-]+", main):
        return (runtime, main), ()
    entry = next((name for name in ("server.js", "index.js", "app.js", "main.js") if tree.has(name)), "index.js")
    return (runtime, entry), (f"package.json has neither a start script nor main: the image starts {entry}.",)
