"""`python -m wizard` is the command `registry-wizard`."""

from __future__ import annotations

import resource
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code. Nothing is imported before it is needed."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given == ["--version"]:
        from wizard.release import release  # noqa: PLC0415  # the answer needs nothing else

        sys.stdout.write(f"{release()}\n")
        return 0
    _leave_no_core()
    try:
        from wizard.cli import run  # noqa: PLC0415  # the version needs none of it

        return int(run(given))
    except KeyboardInterrupt:  # while importing, before anything could handle it
        return 130


def _leave_no_core() -> None:
    r"""Let a crash, or Ctrl-\, write no core file: the memory of this process holds secrets."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main())
