"""The wizard in a browser: textual-serve without its web font, and for pages of its own address only.

Whoever reaches the server drives a wizard that may hold a token. So a request must name a host that is ours, and the
connection that drives the wizard must come from a page of that host: another site that is open in the same browser
cannot use it, not even by letting its own name point here.
"""

from __future__ import annotations

import contextlib
import logging
import re
import socket
import sys
import tempfile
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from textual_serve.server import Server

_FONT_LINK = re.compile(r"<link\b[^>]*fonts\.googleapis\.com[^>]*>")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_TITLE = "Registry Wizard"


def serve(command: str, listening: socket.socket, hosts: frozenset[str] | None) -> None:
    """Run `command` for each visitor until a signal comes. `hosts`: the names that may be used for us; None: any."""
    with tempfile.TemporaryDirectory(prefix="registry-wizard-web-") as folder:
        Path(folder, "app_index.html").write_text(_page(), encoding="utf-8")
        server = _Pages(command, templates=Path(folder), hosts=hosts)
        # what a session says on stderr is no result either, and textual-serve would write it to stdout
        with contextlib.redirect_stdout(sys.stderr):
            web.run_app(server.application(), sock=listening, print=None, access_log=None)


def loopback_names() -> frozenset[str]:
    """Return the names by which a browser on this machine may call this machine."""
    return frozenset(_LOOPBACK)


def _page() -> str:
    """Return the page without the link to a font elsewhere; the browser's own monospaced font serves as well."""
    page = files("textual_serve").joinpath("templates", "app_index.html").read_text(encoding="utf-8")
    without = _FONT_LINK.sub("", page)
    # text for people and namespaces of SVG may name addresses; nothing that a browser would load may
    if re.search(r"""(?:href|src)=["'](?:https?:)?//""", without):
        raise RuntimeError("the page of this textual-serve asks other machines")
    return without


class _Pages(Server):
    """One page and the connections that it opens."""

    def __init__(self, command: str, *, templates: Path, hosts: frozenset[str] | None) -> None:
        super().__init__(command, title=_TITLE, public_url="", templates_path=templates)
        self._hosts = hosts

    async def application(self) -> web.Application:
        """Return the application, which refuses strangers."""
        app = await self._make_app()
        app.middlewares.append(self._guard())
        return app

    def initialize_logging(self) -> None:
        """Log no locals, as textual-serve would: they hold what is typed."""

    async def on_startup(self, app: web.Application) -> None:  # noqa: ARG002  # as in the base class
        """Say nothing: the command tells where the page is."""
        logging.getLogger("textual-serve").addHandler(logging.NullHandler())

    def _guard(self) -> Middleware:
        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            host = urlsplit(f"//{request.host}").hostname
            if self._hosts is not None and host not in self._hosts:
                raise web.HTTPForbidden(text="This address is not served here.")
            if request.path == "/ws" and request.headers.get("Origin") != f"{request.scheme}://{request.host}":
                raise web.HTTPForbidden(text="Only this server's own page may use it.")
            # addresses in the page follow the name that the browser used
            self.public_url = f"{request.scheme}://{request.host}"
            response = await handler(request)
            if not response.prepared:
                response.headers["X-Frame-Options"] = "DENY"
            return response

        return guard
