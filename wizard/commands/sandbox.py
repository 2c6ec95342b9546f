"""`sandbox`: the simulated GitLab as a server on loopback."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.commands.invocation import Invocation
from wizard.commands.opening import check_demo
from wizard.errors import Exit, UsageError

if TYPE_CHECKING:
    from wizard.sandbox.server import Sandbox


def run(invocation: Invocation, world: Path | None, port: int, signing_key: Path | None, *, control: bool) -> int:
    """Serve until interrupted. One line of JSON on stdout says that it is ready."""
    from wizard import demo  # noqa: PLC0415  # only this command and the demo serve

    common = invocation.common
    check_demo(common)
    if common.demo and world:
        raise UsageError("options-exclude", "--demo brings its own world: it cannot be combined with --world")
    try:
        _serve(invocation, demo.serving(world, port=port, control=control, signing_key=signing_key))
    except KeyboardInterrupt:  # the usual end of a server, nothing to complain about
        return Exit.INTERRUPTED
    return Exit.DONE


def _serve(invocation: Invocation, serving: AbstractContextManager[Sandbox]) -> None:
    from wizard import demo  # noqa: PLC0415  # as above

    common = invocation.common
    with serving as box:
        if not common.demo:
            invocation.console.result(json.dumps(box.ready))
            box.wait()
            return
        with demo.cloned(box, common.project, invocation.console) as made:
            invocation.console.result(
                json.dumps({**box.ready, "repo": str(made.repo), "token_file": str(made.hand_out_token())})
            )
            box.wait()
