"""Enter, named after where it leads, so that the footer says what comes next."""

from __future__ import annotations

from typing import Literal, get_args

from textual.binding import Binding, BindingType

Lead = Literal["on", "question", "page", "item", "done"]
"""on: wherever the page decides; item: to a page of its own; done: back from there."""
_NAMES: dict[Lead, str] = {
    "on": "Go on",
    "question": "Next question",
    "page": "Next page",
    "item": "Open",
    "done": "Done",
}


def enter_bindings(owner: str) -> list[BindingType]:
    """Return one binding of Enter for each place it can lead to; `leads_there` tells them apart."""
    return [Binding("enter", f"enter('{lead}')", _NAMES[lead], id=f"{owner}.{lead}") for lead in get_args(Lead)]


def leads_there(action: str, parameters: tuple[object, ...], lead: Lead) -> bool:
    """Whether a binding is to be offered: of Enter only the one that names where it leads now."""
    return action != "enter" or parameters == (lead,)
