"""What the wizard begins with, worked out while its first frame is on the terminal already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screens.beginning import Beginning
    from wizard.commands.opening import Prepared


@dataclass(slots=True)
class Opening:
    """The work before the first page: the command line, the repository, the token, and every page's program."""

    prepare: Callable[[], Prepared]
    beginning: Beginning | None = None
    error: BaseException | None = None
    """What went wrong, to be told once the terminal is as it was."""

    def work(self) -> Beginning | None:
        """Do it, in a thread. None where it failed."""
        try:
            load()
            from screens.beginning import begun  # noqa: PLC0415  # imported by now

            self.beginning = begun(self.prepare())
        except BaseException as error:  # whatever it is, the caller of the wizard has to know
            self.error = error
        return self.beginning


def load() -> None:
    """Import all pages, and with them what they need of the core."""
    import_module("screens.journey")
