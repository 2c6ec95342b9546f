"""An apply that dies at one of its writes, in this process: nothing of it runs any more, as after kill -9."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from wizard.gateways.gitlab import Api
from wizard.gateways.work_tree import WorkTree


class Killed(BaseException):
    """The end of the process; nothing in the program handles it."""


class Writes:
    """Counts the writes to GitLab and to the work tree; at a chosen one the program dies, `before` or `after` it."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self._at: tuple[int, str] | None = None

    @contextmanager
    def counted(self, at: tuple[int, str] | None = None) -> Iterator[None]:
        """Count from 0, and die at write `at[0]`."""
        self.log.clear()
        self._at = at
        send, write = Api.send, WorkTree.write_all
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Api, "send", lambda api, method, path, *rest, **named: self._pass(
                f"{method.upper()} {path}", lambda: send(api, method, path, *rest, **named)))  # fmt: skip
            patch.setattr(WorkTree, "write_all", lambda tree, *given, **named: self._pass(
                "files", lambda: write(tree, *given, **named)))  # fmt: skip
            yield

    def _pass(self, name: str, act: Callable[[], Any]) -> Any:
        number = len(self.log)
        self.log.append(name)
        if self._at == (number, "before"):
            raise Killed
        result = act()
        if self._at == (number, "after"):
            raise Killed
        return result
