"""One run of the program: where it writes, and the common options so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from wizard.commands.options import Common
from wizard.output.console import Console


@dataclass(slots=True)
class Invocation:
    """What every command is given."""

    console: Console
    common: Common = field(default_factory=Common)
