"""`explain`: the help pages of the wizard, as text."""

from __future__ import annotations

from wizard.commands.invocation import Invocation
from wizard.errors import Exit, UsageError
from wizard.help_pages import named, page, search, topics
from wizard.output import help_text


def run(invocation: Invocation, topic: str | None) -> int:
    """Print a page, or the list of all. UsageError for a page that there is not, with those that speak of it."""
    console = invocation.console
    if topic is None:
        console.show(help_text.index(topics()))
        return Exit.DONE
    try:
        text = page(named(topic))
    except UsageError as error:
        about = ", ".join(found.name for found in search(topic))
        raise UsageError(
            error.code, error.message, f"Pages that speak of it: {about}." if about else error.hint
        ) from None
    console.show(help_text.render(text))
    return Exit.DONE
