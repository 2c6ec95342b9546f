"""A loopback proxy that carries requests to the simulated GitLab over TLS and spoils those that a test names."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar
from urllib.parse import urlsplit

from tests.core.certificates import Authority

_LOG_IN_PAGE = b"<!DOCTYPE html><html><title>Sign in</title><body>Please sign in</body></html>"
_REVOKED = {"error": "invalid_token", "error_description": "Token was revoked. You have to re-authorize from the user."}
_PATIENCE = 30.0
"""Seconds after which an unanswered request is let go; the client's time-out comes long before."""
ELSEWHERE = "https://ELSEWHERE"
"""Stands for the address of another host, to which a redirect leads."""


@dataclass(frozen=True)
class Reply:
    """An answer as it goes over the wire; `promised` is the length that its header claims."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    promised: int | None = None


Forward = Callable[[], Reply]
Spoil = Callable[[Forward], Reply | None]
"""What becomes of one request; None: the connection is torn down."""
_unanswered = threading.Event()
"""Set when those that wait for an answer may go."""


def _told(status: int, body: Any, **headers: str) -> Spoil:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = "text/html" if isinstance(body, bytes) else "application/json"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _forward: Reply(status, content, {"Content-Type": kind, **named})


def _reset_before(forward: Forward) -> None:
    return None


def _reset_after(forward: Forward) -> None:
    forward()


def _slow_before(forward: Forward) -> None:
    _unanswered.wait(_PATIENCE)


def _slow_after(forward: Forward) -> None:
    forward()
    _unanswered.wait(_PATIENCE)


def _error_after(forward: Forward) -> Reply:
    forward()
    return Reply(502, b"<html>502 Bad Gateway</html>", {"Content-Type": "text/html"})


def _half_the_json(forward: Forward) -> Reply:
    answer = forward()
    return Reply(answer.status, answer.body[: len(answer.body) // 2], answer.headers)


def _broken_off(forward: Forward) -> Reply:
    answer = forward()
    return Reply(answer.status, answer.body[: len(answer.body) // 2], answer.headers, promised=len(answer.body) + 1)


def _mislabelled(forward: Forward) -> Reply:
    answer = forward()
    return Reply(answer.status, answer.body, {**answer.headers, "Content-Type": "text/html"})


REFUSED = "connection refused"
UNTRUSTED = "TLS error"
FAULTS: Mapping[str, Spoil] = {
    REFUSED: _reset_before,
    UNTRUSTED: _reset_before,
    "reset before": _reset_before,
    "reset after": _reset_after,
    "time-out before": _slow_before,
    "time-out after": _slow_after,
    "429 with Retry-After": _told(429, b"Retry later\n", Retry_After="7"),
    "429 plain": _told(429, {"message": {"error": "This endpoint has been requested too many times."}}),
    "429 for an hour": _told(429, b"Retry later\n", Retry_After="3600"),
    "500": _told(500, {"message": "500 Internal Server Error"}),
    "502": _told(502, b"<html>502 Bad Gateway</html>"),
    "502 after": _error_after,
    "503 maintenance": _told(503, {"message": "GitLab Maintenance: system is in maintenance mode"}),
    "truncated JSON": _half_the_json,
    "broken off": _broken_off,
    "other JSON": _told(200, {"status": "ok"}),
    "empty answer": _told(200, b""),
    "HTML": _told(200, _LOG_IN_PAGE),
    "wrong content type": _mislabelled,
    "redirect": _told(302, b"", Location="/users/sign_in"),
    "redirect elsewhere": _told(307, b"", Location=f"{ELSEWHERE}/api/v4/user"),
    "token revoked": _told(401, _REVOKED),
}
PASSING = frozenset(FAULTS) & {
    REFUSED, "reset before", "reset after", "time-out before", "time-out after", "429 with Retry-After", "429 plain",
    "500", "502", "502 after", "503 maintenance", "broken off",
}  # fmt: skip
"""Faults after which the same run goes on to its end, where they come once."""
LASTING = frozenset({"token revoked"})
"""Faults that stay, once they have come."""


class FaultyProxy:
    """Listens on a port of its own while the context is open; `armed` says which calls are spoiled, and how."""

    def __init__(self, upstream: str, folder: Path, elsewhere: str = "") -> None:
        self.upstream = urlsplit(upstream).netloc
        self.elsewhere = elsewhere
        self._trusted, self._other = Authority(folder / "trusted.pem"), Authority(folder / "other.pem")
        self.ca_file = self._trusted.file
        self.context = self._trusted.context
        self.calls: list[tuple[str, str]] = []
        self._spoil: tuple[str, int, int] | None = None
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), self)
        self.port: int = self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def arm(self, fault: str, first: int, times: int = 1) -> None:
        """Spoil the calls `first` to `first + times - 1`, counted from now."""
        self.calls.clear()
        _unanswered.clear()
        self._spoil = (fault, first, times)
        if self.spoils_next_connection():
            self.spoil_connections()

    def disarm(self) -> None:
        """Carry everything again, counted from now."""
        self.calls.clear()
        self._spoil = None
        _unanswered.set()
        self.context = self._trusted.context
        self._server.open()

    def waited(self) -> None:
        """The client paused: a refused connection that was to last for one call is over."""
        if self._spoil and self._spoil[0] == REFUSED and self._spoil[2] == 1:
            self._server.open()

    def count(self, method: str, path: str) -> str | None:
        """Count a call and name its fault."""
        with self._lock:
            self.calls.append((method, path))
            number = len(self.calls) - 1
        if self._spoil is None:
            return None
        fault, first, times = self._spoil
        return fault if first <= number < first + times else None

    def spoils_next_connection(self) -> bool:
        """Whether the next call must meet its fault before it can be sent."""
        return bool(self._spoil and self._spoil[0] in {REFUSED, UNTRUSTED} and len(self.calls) == self._spoil[1])

    def spoil_connections(self) -> None:
        if self._spoil and self._spoil[0] == REFUSED:
            self._server.close_door()
        else:
            self.context = self._other.context

    def __enter__(self) -> FaultyProxy:
        self._server.open()
        if self._spoil:
            self.disarm()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.close_door()


class _Server:
    """Accepts on one port, which can be closed and opened again."""

    def __init__(self, address: tuple[str, int], proxy: FaultyProxy) -> None:
        self._handler = type("Handler", (_Handler,), {"proxy": proxy})
        self._listening: ThreadingHTTPServer | None = None
        with socket.socket() as probe:
            probe.bind(address)
            self.server_address: tuple[str, int] = probe.getsockname()

    def open(self) -> None:
        if self._listening is None:
            self._listening = _Listener(self.server_address, self._handler)
            threading.Thread(target=self._listening.serve_forever, args=(0.01,), daemon=True).start()

    def close_door(self) -> None:
        if self._listening is not None:
            listening, self._listening = self._listening, None
            listening.shutdown()
            listening.socket.close()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def get_request(self) -> tuple[ssl.SSLSocket, Any]:
        """Begin TLS; the handshake is made in the thread of the connection."""
        plain, address = super().get_request()
        context: ssl.SSLContext = self.RequestHandlerClass.proxy.context  # type: ignore[attr-defined]  # ours
        return context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    proxy: ClassVar[FaultyProxy]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    _upstream: http.client.HTTPConnection | None = None

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in http.server
        """Nothing is logged."""

    def handle_one_request(self) -> None:
        try:
            self.raw_requestline = self.rfile.readline(65537)
        except OSError:  # a client that does not trust us, or went away
            self.raw_requestline = b""
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = self.proxy.count(self.command, self.path)
        forward: Forward = lambda: self._forward(body)  # noqa: E731 - passed on
        reply = FAULTS[fault](forward) if fault else forward()
        if reply is None:
            self._tear()
        else:
            self._answer(reply)

    def _forward(self, body: bytes) -> Reply:
        if self._upstream is None:
            self._upstream = http.client.HTTPConnection(self.proxy.upstream, timeout=10)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        self._upstream.request(self.command, self.path, body, headers)
        answer = self._upstream.getresponse()
        ours = {"content-length", "connection"}
        kept = {name: value for name, value in answer.getheaders() if name.lower() not in ours}
        return Reply(answer.status, answer.read(), kept)

    def _answer(self, reply: Reply) -> None:
        last = self.proxy.spoils_next_connection()
        if last:
            self.proxy.spoil_connections()
        broken = reply.promised is not None
        self.send_response_only(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value.replace(ELSEWHERE, self.proxy.elsewhere))
        if reply.status != 204:
            self.send_header("Content-Length", str(reply.promised if broken else len(reply.body)))
        self.close_connection = last or broken
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(reply.body)
        self.wfile.flush()

    def _tear(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def finish(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super().finish()
        if self._upstream is not None:
            self._upstream.close()
