"""Several file actions as one change: all of them, or none (`Files::MultiService`, `Gitlab::Git::Index`)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wizard.sandbox.git.objects import Commit, File, folders
from wizard.sandbox.git.repository import Repository
from wizard.sandbox.parameters import Param, declare, optional, requires
from wizard.sandbox.replies import Refusal, message, not_simulated, parameters_invalid

KINDS = ("create", "update", "move", "delete", "chmod")
ENCODINGS = ("text", "base64")
STALE = "The file has changed since you started editing it: {path}"

_BASIC = (requires("action", values=KINDS, blank=False), requires("file_path"))
_CONTENT = optional("encoding", values=ENCODINGS)
_LAST = optional("last_commit_id")
_FURTHER: dict[str, tuple[Param, ...]] = {
    "create": (optional("content"), _CONTENT),
    "update": (requires("content"), _CONTENT, _LAST),
    "move": (requires("previous_path"), optional("content"), _CONTENT, _LAST),
    "delete": (_LAST,),
    "chmod": (requires("execute_filemode", "boolean"),),
}


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a commit; `content` None leaves a moved file's content as it is."""

    kind: str
    path: str
    previous: str = ""
    content: bytes | None = None
    last_commit_id: str | None = None
    executable: bool = False

    @property
    def edited(self) -> str:
        """The path at which the action expects a file."""
        return self.previous or self.path


def read_actions(given: Sequence[Any]) -> list[Action]:
    """Read the `actions` of a request; refuse with every problem at once."""
    problems: list[str] = []
    found = [_read(index, item, problems) for index, item in enumerate(given)]
    if problems:
        raise parameters_invalid(problems)
    return found


def _read(index: int, given: Any, problems: list[str]) -> Action:
    if not isinstance(given, Mapping):
        problems.append(f"actions[{index}] is invalid")
        return Action("", "")
    try:
        kind = declare(*_BASIC).validated(given)["action"]
        fields = declare(*_BASIC, *_FURTHER[kind]).validated(given)
    except Refusal as refusal:
        words = (refusal.response.get_json() or {})["error"].split(", ")
        parts = (word.partition(" ") for word in words)
        problems += [f"actions[{index}][{name}] {rest}" for name, _, rest in parts]
        return Action("", "")
    return Action(
        kind,
        fields["file_path"] or "",
        fields.get("previous_path") or "",
        _content(fields),
        fields.get("last_commit_id") or None,
        bool(fields.get("execute_filemode")),
    )


def _content(fields: Mapping[str, Any]) -> bytes | None:
    text = fields.get("content")
    if text is None:
        return None
    content: bytes = text.encode()
    if fields.get("encoding") == "base64":
        try:
            content = base64.b64decode(content)
        except (ValueError, binascii.Error):
            raise message(400, "invalid base64") from None
    try:
        content.decode()
    except UnicodeDecodeError:
        raise not_simulated("files that are no UTF-8 text") from None
    return content


def edited(repository: Repository, start: Commit | None, actions: Sequence[Action]) -> dict[str, File]:
    """Return the files after all actions; refuse with the first conflict, in GitLab's words."""
    for action in actions:
        _check_path(action.path)
        if start is not None and action.last_commit_id:
            last = repository.last_change(start, action.edited)
            if last is not None and last.id != action.last_commit_id:
                raise message(400, STALE.format(path=action.edited))
    files = dict(start.files) if start else {}
    for action in actions:
        _STEPS[action.kind](files, action)
    return files


def _check_path(path: str) -> None:
    if not path:
        raise message(400, "You must provide a file path")
    parts = path.removeprefix("/").split("/")
    if ".." in parts:
        raise message(400, "Path cannot include directory traversal")
    if ".git" in parts or "" in parts or "." in parts:
        raise message(400, f"invalid path: '{path}'")


def _place(files: dict[str, File], path: str, file: File) -> None:
    path = path.removeprefix("/")
    if path in files:
        raise message(400, "A file with this name already exists")
    if path in folders(files):
        raise message(400, "A directory with this name already exists")
    parts = path.split("/")
    if any("/".join(parts[:count]) in files for count in range(1, len(parts))):
        raise message(400, "A file with this name already exists")
    files[path] = file


def _taken(files: dict[str, File], path: str) -> File:
    path = path.removeprefix("/")
    if path not in files:
        raise message(400, "A file with this name doesn't exist")
    return files.pop(path)


def _create(files: dict[str, File], action: Action) -> None:
    _place(files, action.path, File(action.content or b""))


def _update(files: dict[str, File], action: Action) -> None:
    old = _taken(files, action.path)
    _place(files, action.path, File(action.content or b"", old.executable))


def _move(files: dict[str, File], action: Action) -> None:
    old = _taken(files, action.previous)
    content = old.content if action.content is None else action.content
    _place(files, action.path, File(content, old.executable))


def _delete(files: dict[str, File], action: Action) -> None:
    _taken(files, action.path)


def _chmod(files: dict[str, File], action: Action) -> None:
    old = _taken(files, action.path)
    _place(files, action.path, File(old.content, action.executable))


_STEPS: dict[str, Callable[[dict[str, File], Action], None]] = {
    "create": _create,
    "update": _update,
    "move": _move,
    "delete": _delete,
    "chmod": _chmod,
}
