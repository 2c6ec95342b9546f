"""`serve`: the wizard in a browser, each visitor with a wizard of their own."""

from __future__ import annotations

import shlex
import socket
import sys
from collections.abc import Callable

from wizard.commands.invocation import Invocation
from wizard.commands.opening import check_demo, prepared
from wizard.errors import Exit, UsageError, WizardError
from wizard.target import is_loopback

Serve = Callable[[str, socket.socket, bool], None]
"""Runs a command for each visitor of a listening socket; whether only names of this machine may be used for it."""

INSTALL = "pipx install 'registry-wizard[web]', or in a clone: pip install '.[web]'"


def run(invocation: Invocation, serve: Serve, host: str, port: int) -> int:
    """Serve until interrupted. The address is the result on stdout; who may do what is told on stderr."""
    common, console = invocation.common, invocation.console
    if common.token_stdin:
        raise UsageError("options-exclude", "--token-stdin is read once, and every visitor needs a token",
                         "Use --token-file or a variable, or let each visitor log in.")  # fmt: skip
    source = _checked(invocation)
    with _listening(host, port) as listening:
        address = f"http://{_named(host)}:{listening.getsockname()[1]}"
        local = is_loopback(address)
        console.result(address)
        console.note("This page has no log-in of its own: whoever opens it uses the wizard as you started it.")
        console.note(
            f"Each visitor works with the token from {source}."
            if source
            else "Each visitor types a token of their own."
        )
        if not local:
            console.note("Other machines can open it, unencrypted: put a proxy with TLS and a log-in before it.")
        console.note("Ctrl-C ends it.")
        serve(shlex.join([sys.executable, "-m", "wizard", *common.arguments()]), listening, local)
    return Exit.INTERRUPTED


def missing() -> WizardError:
    """Return the error for an installation without the extra."""
    return WizardError("web-extra", "serving the wizard needs the extra `web`, which is not installed", INSTALL)


def _checked(invocation: Invocation) -> str:
    """Refuse now what each visitor would only see later; return where the token comes from, empty: nowhere."""
    if invocation.common.demo:
        check_demo(invocation.common)
        return "the demo"
    with prepared(invocation, choose=True) as ready:
        return ready.token.source if ready.token else ""


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise UsageError(
            "port",
            f"{host}:{port} cannot be listened on: {error.strerror}",
            "Choose another: --port 0 takes a free one.",
        ) from None


def _named(host: str) -> str:
    return f"[{host}]" if ":" in host else host
