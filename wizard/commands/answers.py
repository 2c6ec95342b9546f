"""`answers`: the format of the answers file, as a schema, as an example, and checked."""

from __future__ import annotations

import json
from pathlib import Path

from wizard.answers_file import read_answers
from wizard.commands.invocation import Invocation
from wizard.errors import Exit, UsageError


def schema(invocation: Invocation) -> int:
    """Print the JSON Schema."""
    from wizard.answers_schema import schema as answers_schema  # noqa: PLC0415  # only this command needs it

    invocation.console.result(json.dumps(answers_schema(), indent=2))
    return Exit.DONE


def example(invocation: Invocation) -> int:
    """Print a file that holds every section."""
    from wizard.answers_text import example as answers_example  # noqa: PLC0415  # only this command needs it

    invocation.console.result(answers_example())
    return Exit.DONE


def check(invocation: Invocation, file: Path) -> int:
    """Check a file; UsageError lists all that is wrong with it."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError("answers-unreadable", f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError("answers-unreadable", f"{file} is not text in UTF-8") from None
    read_answers(text, name=str(file), sets=tuple(invocation.common.set_ or ()))
    invocation.console.show([(f"{file}: valid",)])
    return Exit.DONE
