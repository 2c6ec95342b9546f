"""Answers that are kept while the wizard runs, so that whoever leaves it, or loses the terminal, can go on later.

They lie in the platform's state folder, one file per URL and project path, readable by their owner only. They hold no
secret: of a secret an answer only says where it is found, and what could be one by mistake is left out.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from wizard.errors import WizardError
from wizard.gateways.private_file import beginning, write_private
from wizard.journal import state_folder
from wizard.question import Draft
from wizard.secret import parse_reference

_FORMAT = 1
_SECRET_KEYS = frozenset({"password", "value"})
"""Keys whose answers name secrets."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Answers of an earlier run; `at`: when they were last changed, in UTC."""

    draft: Draft
    at: datetime


@dataclass(frozen=True, slots=True)
class KeptAnswers:
    """The answers that are kept for the projects of one GitLab."""

    url: str
    folder: Path | None = None
    """None: the platform's state folder."""

    def keep(self, project: str, draft: Draft, at: datetime) -> None:
        """Keep these answers instead of the last ones. WizardError where that cannot be."""
        path = self._path(project)
        text = json.dumps({"format": _FORMAT, "at": at.isoformat(), "answers": without_secrets(draft.document)})
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_private(path, text)
        except OSError as error:
            raise WizardError("not-kept", f"the answers cannot be kept in {path}: {error.strerror}") from None

    def find(self, project: str) -> Kept | None:
        """Return what is kept for a project; None where there is nothing, or nothing that can be read any more."""
        try:
            document = json.loads(self._path(project).read_text(encoding="utf-8"))
            known, answers, at = document["format"] == _FORMAT, document["answers"], document["at"]
            found = Kept(Draft(answers), datetime.fromisoformat(at))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return found if known and isinstance(answers, Mapping) and found.at.tzinfo else None

    def forget(self, project: str) -> None:
        """Keep nothing for a project any more."""
        path = self._path(project)
        with contextlib.suppress(OSError):
            for file in (path, *path.parent.glob(f"{beginning(path)}*")):  # a kill may have left one half written
                file.unlink(missing_ok=True)

    def _path(self, project: str) -> Path:
        host = (urlsplit(self.url).hostname or "gitlab").replace(":", "-")
        digest = hashlib.sha256(self.url.encode()).hexdigest()[:8]
        name = hashlib.sha256(project.encode()).hexdigest()[:16]  # a path may be longer than a file's name
        return (self.folder or state_folder()) / f"{host}-{digest}" / "answers" / f"{name}.json"


def without_secrets(document: Any) -> Any:
    """Return answers without what could be a secret: a literal where a reference belongs.

    Only a variable that is plainly not to be masked keeps its literal value.
    """
    if isinstance(document, Mapping):
        plain = document.get("masked") is False and not document.get("hidden")
        return {
            name: without_secrets(value)
            for name, value in document.items()
            if not (name in _SECRET_KEYS and isinstance(value, str) and not plain and parse_reference(value) is None)
        }
    return [without_secrets(item) for item in document] if isinstance(document, list) else document
