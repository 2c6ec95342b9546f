"""Ruby with Bundler; Rails and plain Rack."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from wizard.generate.stacks.image import ADDRESS, PORT
from wizard.generate.tree import Tree, version

_DEBIAN = {
    "pg": (("libpq-dev",), ("libpq5",)),
    "mysql2": (("default-libmysqlclient-dev",), ("libmariadb3",)),
    "sqlite3": (("libsqlite3-dev",), ("libsqlite3-0",)),
    "ruby-vips": ((), ("libvips42t64",)),
}
_PUMA = ("bundle", "exec", "puma", "--port", str(PORT))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruby:
    """A Gemfile in the root."""

    name: ClassVar[str] = "ruby"
    version: str = ""
    framework: str = ""
    """rails or empty."""
    lock: bool = True
    assets: bool = False
    """Rails with an asset pipeline."""
    node: bool = False
    """Assets need Node.js."""
    node_lock: bool = False
    command: tuple[str, ...] = _PUMA
    build_packages: tuple[str, ...] = ("build-essential", "git", "libyaml-dev")
    runtime_packages: tuple[str, ...] = ()
    guesses: tuple[str, ...] = ()

    @property
    def user(self) -> int:
        """A user of our own: the image has none but root."""
        return 10001

    @property
    def read_only(self) -> bool:
        """Rails writes tmp/ and log/ below the project."""
        return not self.framework


def detect_ruby(tree: Tree) -> Ruby | None:
    """Read the Gemfile and version files."""
    if not tree.has("Gemfile"):
        return None
    gemfile = tree.text("Gemfile")
    gems = set(re.findall(r"(?m)^\s*gem\s*\(?\s*[\"']([\w-]+)[\"']", gemfile))
    rails = "rails" in gems or tree.has("config/application.rb")
    stated = re.search(r"(?m)^\s*ruby\s*\(?\s*[\"']([\d.]+)[\"']", gemfile)
    build = [package for gem in sorted(gems & _DEBIAN.keys()) for package in _DEBIAN[gem][0]]
    runtime = [package for gem in sorted(gems & _DEBIAN.keys()) for package in _DEBIAN[gem][1]]
    node = rails and tree.has("package.json")
    command, guesses = _command(tree, gems, rails)
    return Ruby(
        version=version(tree.word(".ruby-version").removeprefix("ruby-")) or (version(stated[1]) if stated else ""),
        framework="rails" if rails else "",
        lock=tree.has("Gemfile.lock"),
        assets=rails and bool(gems & {"sprockets-rails", "propshaft", "sassc-rails"}),
        node=node,
        node_lock=node and tree.has("package-lock.json"),
        command=command,
        build_packages=("build-essential", "git", "libyaml-dev", *build, *(("nodejs", "npm") if node else ())),
        runtime_packages=tuple(runtime),
        guesses=guesses,
    )


def _command(tree: Tree, gems: set[str], rails: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if "puma" in gems or not (gems or rails):
        return _PUMA, ()
    if rails:
        return ("bundle", "exec", "rails", "server", "--binding", ADDRESS, "--port", str(PORT)), ()
    if tree.has("config.ru"):
        return ("bundle", "exec", "rackup", "--host", ADDRESS, "--port", str(PORT)), ()
    entry = next((name for name in ("app.rb", "main.rb", "server.rb") if tree.has(name)), "app.rb")
    return ("bundle", "exec", "ruby", entry), (f"The Gemfile names no web server: the image starts {entry}.",)
