"""A page or a dialog closes once, and takes along what lies above it.

Textual's `dismiss` calls back for the screen that it is asked of, but takes whichever screen is on top from the stack:
the second of two fast keys would close the page below, and work that ends under a dialog would close the dialog.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from textual.await_complete import AwaitComplete
from textual.events import Event, Mount
from textual.screen import ModalScreen, Screen

Result = TypeVar("Result")

if TYPE_CHECKING:
    _Closing = Screen
else:
    _Closing = Generic  # a screen that comes first among the bases would hide the styles of the one that comes after


class Closing(_Closing[Result]):
    """Goes before a screen among the bases of a class."""

    _over = False

    @property
    def on_top(self) -> bool:
        """Whether keys go to this screen."""
        return not self._over and self.app.screen is self

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Close with this result, unless it was closed before; what lies above closes without one."""
        stack = self.app.screen_stack
        if self._over or self not in stack:
            return AwaitComplete()
        self._over = True
        for above in reversed(stack[stack.index(self) + 1 :]):
            above.dismiss(None)
        return super().dismiss(result)

    async def on_event(self, event: Event) -> None:
        """Begin nothing on a screen that was closed before it was there."""
        if not (isinstance(event, Mount) and (self._over or not self.children)):
            await super().on_event(event)


class Dialog(Closing[Result], ModalScreen[Result], Generic[Result]):
    """Stands over a page until it is answered. Closing it with None means that it was not."""
