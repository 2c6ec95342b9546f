"""PHP with Composer, served by Apache; assets are built by Node.js in a stage of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from wizard.generate.stacks.node import Node, detect_node
from wizard.generate.tree import Tree, names, string, table, version

_BUILT_IN = frozenset({
    "core", "ctype", "curl", "date", "dom", "fileinfo", "filter", "hash", "iconv", "json", "libxml", "mbstring",
    "openssl", "pcre", "pdo", "pdo_sqlite", "phar", "posix", "random", "readline", "reflection", "session",
    "simplexml", "sodium", "spl", "sqlite3", "standard", "tokenizer", "xml", "xmlreader", "xmlwriter", "zlib",
})  # fmt: skip
_FRAMEWORK_EXTENSIONS = {
    "laravel": ("bcmath", "pcntl", "pdo_mysql", "pdo_pgsql", "zip"),
    "symfony": ("intl", "pdo_mysql", "pdo_pgsql", "zip"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Php:
    """A composer.json or an index.php in the root."""

    name: ClassVar[str] = "php"
    version: str = ""
    framework: str = ""
    """laravel, symfony or empty."""
    composer: bool = True
    lock: bool = True
    extensions: tuple[str, ...] = ()
    """Beside those that the image has."""
    root: str = ""
    """Document root below the project, empty for the project itself."""
    assets: Node | None = None
    built: str = "public"
    """Folder that the assets are built into."""
    guesses: tuple[str, ...] = ()

    @property
    def user(self) -> int:
        """`www-data` of Debian."""
        return 33

    @property
    def read_only(self) -> bool:
        """Laravel and Symfony write below the project."""
        return not self.framework


def detect_php(tree: Tree) -> Php | None:
    """Read composer.json and what is in the root."""
    if not tree.any("composer.json", "index.php"):
        return None
    manifest = tree.json("composer.json")
    packages = names(manifest, "require", "require-dev")
    framework = _framework(tree, packages)
    assets = detect_node(tree)
    assets = assets if assets and assets.build else None
    root = next((name for name in ("public", "web", "htdocs", "www") if tree.has(f"{name}/index.php")), "")
    root = root or ("public" if framework else "")
    built = _built(assets, tree)
    return Php(
        version=_version(tree, table(manifest, "require"), table(manifest, "config", "platform")),
        framework=framework,
        composer=tree.has("composer.json"),
        lock=tree.has("composer.lock"),
        extensions=_extensions(packages, framework),
        root=root,
        assets=assets,
        built=built,
        guesses=_guesses(framework, assets is not None, built),
    )


def _built(assets: Node | None, tree: Tree) -> str:
    """Return the folder that the build script of a PHP project fills: public/build by Vite and Encore, else public."""
    development = names(tree.json("package.json"), "devDependencies", "dependencies")
    if assets and development & {"laravel-vite-plugin", "@symfony/webpack-encore", "vite-plugin-symfony"}:
        return "public/build"
    return "public" if tree.folder("public") else (assets.site if assets and assets.site else "dist")


def _framework(tree: Tree, packages: frozenset[str]) -> str:
    if tree.has("artisan") or "laravel/framework" in packages:
        return "laravel"
    if "symfony/framework-bundle" in packages or (tree.has("bin/console") and tree.has("symfony.lock")):
        return "symfony"
    return ""


def _version(tree: Tree, require: dict[str, object], platform: dict[str, object]) -> str:
    exact = version(tree.word(".php-version")) or version(string(platform, "php"))
    if exact:
        return exact if "." in exact else ""
    constraint = string(require, "php")
    if re.match(r"\s*(?:>=|\^|\*)", constraint):
        return ""
    found = version(constraint)
    return found if "." in found else ""


def _extensions(packages: frozenset[str], framework: str) -> tuple[str, ...]:
    asked = {name[4:].lower().replace("-", "_") for name in packages if re.fullmatch(r"ext-[\w-]+", name)}
    asked = {name.removeprefix("zend_") for name in asked} | set(_FRAMEWORK_EXTENSIONS.get(framework, ()))
    return tuple(sorted(asked - _BUILT_IN))


def _guesses(framework: str, assets: bool, built: str) -> tuple[str, ...]:
    found = []
    if framework:
        found.append(f"As for most {framework.title()} projects, drivers for MySQL and PostgreSQL are installed.")
    if assets and built != "public/build":
        found.append(f"The build script of package.json is taken to write into {built}.")
    return tuple(found)
