"""The simulated GitLab as two loopback servers: its API, and its container registry."""

from __future__ import annotations

import errno
import logging
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from wizard.errors import UsageError
from wizard.sandbox.app import Application
from wizard.sandbox.instance import Instance
from wizard.sandbox.loading import load_world
from wizard.sandbox.resources import all_routes
from wizard.sandbox.routing import RouteTable
from wizard.sandbox.schema import WorldState
from wizard.sandbox.world import Addresses, Clock, World, system_clock

HOST = "127.0.0.1"
_LOG = logging.getLogger(__name__)


class _Handler(WSGIRequestHandler):
    """Says nothing on stderr, and sends small answers at once."""

    disable_nagle_algorithm = True
    timeout = 60

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        _LOG.debug("%s -> %s (%s)", self.requestline, code, size)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the name in werkzeug
        _LOG.debug("%s: " + message, type, *args)


class Sandbox:
    """A simulated GitLab that serves while the context is open.

    `with Sandbox(world, control=True) as box:` then use `box.url`, `box.registry` (HOST:PORT) and `box.world`.
    `world` is a file, plain data or a state; UsageError when it is invalid or the port is taken.
    """

    def __init__(
        self,
        world: Path | Mapping[str, object] | WorldState,
        *,
        port: int = 0,
        control: bool = False,
        clock: Clock = system_clock,
        signing_key: Path | None = None,
    ) -> None:
        """Prepare; `port` 0 takes any that is free."""
        self.instance = Instance(load_world(world), control=control, clock=clock, signing_key=signing_key)
        self._port = port
        self._servers: list[BaseWSGIServer] = []
        self._threads: list[threading.Thread] = []

    @property
    def url(self) -> str:
        """The address of GitLab."""
        return self.instance.addresses.url

    @property
    def registry(self) -> str:
        """The address of the registry, HOST:PORT."""
        return self.instance.addresses.registry

    @property
    def world(self) -> World:
        """The world that is served now."""
        return self.instance.world

    @property
    def ready(self) -> dict[str, object]:
        """The ready line of the command `sandbox`."""
        return {"format": 1, "url": self.url, "registry": self.registry}

    def start(self) -> Sandbox:
        """Listen on both ports and serve in the background."""
        routes = all_routes()
        ports = {"gitlab": self._port, "registry": 0}
        try:
            for side, port in ports.items():
                table = RouteTable(route for route in routes if route.side == side)
                application = Application(self.instance, table, throttled=side == "gitlab")
                self._servers.append(_listening(port, application))
        except UsageError:
            self.stop()
            raise
        gitlab, registry = (server.port for server in self._servers)
        self.instance.at(Addresses(f"http://{HOST}:{gitlab}", f"{HOST}:{registry}"))
        for server in self._servers:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def stop(self) -> None:
        """Stop serving and free the ports."""
        for server in self._servers[: len(self._threads)]:
            server.shutdown()
        for thread in self._threads:
            thread.join(timeout=5)
        for server in self._servers:
            server.server_close()
        self._servers, self._threads = [], []

    def wait(self) -> None:
        """Serve until interrupted."""
        for thread in self._threads:
            thread.join()

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def _listening(port: int, application: Application) -> BaseWSGIServer:
    # werkzeug prints and exits when it binds a taken port by itself, so the socket is bound here
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
        server = make_server(HOST, port, application, threaded=True, request_handler=_Handler, fd=listener.fileno())
    except (OSError, OverflowError) as error:
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        reason = "it is in use" if taken else str(error)
        raise UsageError("port", f"Port {port} cannot be used: {reason}.", "Give another --port, or 0.") from error
    finally:
        listener.close()
    server.daemon_threads = True  # type: ignore[attr-defined]  # of ThreadingMixIn, which the base does not show
    return server
