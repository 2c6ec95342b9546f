"""Runs the program in a fresh process each time, and kills it with SIGKILL at the step that a test names.

Started once; each line on stdin is one run (JSON), each line on stdout what became of it. A run is a fork of this
process, which has imported the program and read its templates: so a run costs no start-up, and is a process of its
own.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any, NoReturn

import gitlab.v4.objects
import requests.adapters

import wizard.apply
import wizard.cli
import wizard.commands.apply
import wizard.commands.plan
import wizard.commands.undo
import wizard.session
import wizard.undo
from tests.core.generated_pipelines import SAMPLES
from wizard.__main__ import main
from wizard.generate.pipeline import render_pipeline

_ = gitlab.v4.objects, wizard.cli, wizard.commands.apply, wizard.commands.plan, wizard.commands.undo, wizard.session
# Imported once here, not in every run.
_WRITING = os.O_WRONLY | os.O_RDWR
_MOVES = {"os.rename": 1, "os.remove": 0, "os.mkdir": 0, "os.rmdir": 0, "shutil.rmtree": 0}
"""What else changes a folder, by the name of its audit event: which of its arguments says where."""


class Steps:
    """Counts the steps of a run from the first change on; at the chosen one the process ends, at once."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.roots = tuple(told["roots"])
        self.log: list[str] | None = [] if told["log"] else None
        self.where = told["log"]
        self.chosen: int | None = told["kill"]
        self.armed = False
        self.number = -1

    def step(self, name: str) -> bool:
        """Count; whether this is the chosen one, or the process ends here."""
        if not self.armed:
            return False
        self.number += 1
        if self.log is not None:
            self.log.append(name)
        return self.number == self.chosen

    def reach(self, name: str) -> None:
        if self.step(name):
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.armed:
            return
        if event == "open" and isinstance(args[2], int) and args[2] & _WRITING and self._ours(args[0]):
            self.reach(f"before opening {self._short(args[0])}")
        elif (
            event in _MOVES and self._ours(args[_MOVES[event]]) and not (event == "os.mkdir" and Path(args[0]).is_dir())
        ):
            self.reach(f"before {event} {self._short(args[_MOVES[event]])}")

    def hook(self) -> None:
        """Put the steps into the program: its requests, its files, its journal."""
        send, sync, lock = requests.adapters.HTTPAdapter.send, os.fsync, wizard.apply.Applying.run
        undoing = wizard.undo.Undoing.run

        def sent(adapter: Any, request: Any, *args: Any, **given: Any) -> Any:
            call = f"{request.method} {request.path_url.removeprefix('/api/v4').partition('?')[0]}"
            self.reach(f"before {call}")
            answer = send(adapter, request, *args, **given)
            self.reach(f"after {call}")
            return answer

        def synced(descriptor: int) -> None:
            path = os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115
            if path.endswith("journal.jsonl") and self.step("within a line of the journal"):
                _tear(descriptor)
                os.kill(os.getpid(), signal.SIGKILL)
            self.reach(f"written {self._short(path)}")
            sync(descriptor)

        def applied(*args: Any, **given: Any) -> Any:
            self.armed = True
            yield from lock(*args, **given)

        def undone(*args: Any, **given: Any) -> Any:
            self.armed = True
            yield from undoing(*args, **given)

        requests.adapters.HTTPAdapter.send = sent  # type: ignore[method-assign,assignment]  # a hook
        os.fsync = synced  # type: ignore[assignment]
        wizard.apply.Applying.run = applied  # type: ignore[method-assign]  # a hook
        wizard.undo.Undoing.run = undone  # type: ignore[method-assign]  # a hook
        sys.addaudithook(self.audit)

    def end(self) -> None:
        self.armed = False
        if self.log is not None:
            Path(self.where).write_text("\n".join(self.log))

    def _ours(self, path: Any) -> bool:
        return isinstance(path, str | Path) and str(path).startswith(self.roots)

    def _short(self, path: Any) -> str:
        text = str(path)
        root = next((root for root in self.roots if text.startswith(root)), "")
        parts = text.removeprefix(root).strip("/").split("/")
        if parts[0] == "registry-wizard":  # the state folder
            return f"state/{parts[-1]}"
        return "/".join("staging" if part.startswith("registry-wizard-") else part for part in parts)


def _tear(descriptor: int) -> None:
    """Cut the last line of the journal in half, as a machine does that loses its power."""
    path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))  # noqa: PTH115
    lines = path.read_bytes().splitlines(keepends=True)
    os.truncate(path, sum(map(len, lines[:-1])) + len(lines[-1]) // 2)


def run(told: dict[str, Any]) -> NoReturn:
    os.environ.clear()
    os.environ.update(told["environ"])
    os.chdir(told["cwd"])
    tempfile.tempdir = None
    for stream, descriptor in (("stdout", 1), ("stderr", 2)):
        os.dup2(os.open(told[stream], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), descriptor)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.argv = ["registry-wizard", *told["argv"]]
    steps = Steps(told)
    steps.hook()
    code = main(told["argv"])
    steps.end()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def serve() -> None:
    render_pipeline(SAMPLES["everything"])  # so that the templates are compiled once, not in every run
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            run(json.loads(line))
        _, status = os.waitpid(child, 0)
        print(json.dumps({"exit": os.waitstatus_to_exitcode(status)}), flush=True)


if __name__ == "__main__":
    serve()
