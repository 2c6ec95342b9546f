"""Adding our included file to a project's `.gitlab-ci.yml` by insertions only.

Nothing that the user wrote is changed, moved or reformatted: deleting the inserted pieces gives the old bytes back.
The result is read again and compared before it is returned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wizard.change import Notice
from wizard.errors import WizardError
from wizard.generate.ci_document import CiDocument, NotEditableError
from wizard.generate.ci_nodes import line_of, lookup, merges, pairs, same, text_of, written
from wizard.generate.ci_reader import read
from wizard.generate.runner_tags import runner_tags
from wizard.generate.splice_check import Additions, check
from wizard.generate.splice_findings import (
    duplicate_keys,
    findings,
    has_merge_request_pipelines,
    taken_names,
)
from wizard.generate.splice_include import IncludeEdit, edit_include, item
from wizard.generate.splice_insertion import Insertion, Piece, insert, insertions
from wizard.generate.splice_stages import StagesEdit, edit_stages
from wizard.generate.stages import DEFAULT_STAGES, StageChoice, StageRole, fit_stages

CI_FILE = ".gitlab-ci.yml"
_EDITED_KEYS = ("include", "stages")
_NEW_FILE = """\
stages: [build, test, deploy]

workflow:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH && $CI_OPEN_MERGE_REQUESTS && $CI_PIPELINE_SOURCE == "push"
      when: never
    - if: $CI_COMMIT_BRANCH
    - if: $CI_COMMIT_TAG

include:
  - {item}
"""


@dataclass(frozen=True, slots=True)
class Splice:
    """A `.gitlab-ci.yml` with our file included, and what our jobs must know of it."""

    before: bytes | None
    """The file as it was; None if there was none."""
    after: bytes
    insertions: tuple[Insertion, ...]
    """In the order of the file; `splice_insertion.remove` takes them out again."""
    stages: tuple[StageChoice, ...]
    runner_tags: tuple[str, ...]
    """The runner tags that our jobs need, by those that are there."""
    merge_request_pipelines: bool
    """Whether the project runs merge request pipelines, as far as the file says so."""
    warnings: tuple[Notice, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything is to be written."""
        return self.before is None or bool(self.insertions)

    def stage_of(self, role: StageRole) -> str:
        """Return the stage for a role; KeyError if it was not asked for."""
        return {choice.role: choice.stage for choice in self.stages}[role]


def splice(
    before: bytes | None,
    include_path: str,
    roles: Sequence[StageRole],
    job_names: Sequence[str] = (),
    merged_stages: Sequence[str] | None = None,
) -> Splice:
    """Include the file at `include_path` (from the repository's root, with a leading `/`) in a CI file.

    `merged_stages` are the stages of GitLab's merged configuration, where it was asked; they settle which stages exist
    when the file has none of its own but includes others. Splicing the result again changes nothing.
    Raise WizardError `ci-file-not-editable` with the line if insertions cannot do it safely, and `ci-job-name-taken`
    if the file has a job of ours already.
    """
    path = "/" + include_path.removeprefix("/")
    try:
        document = read(_decoded(before or b""))
        _refuse_unsure_keys(document)
        _refuse_taken_names(document, job_names)
        if document.root is None:
            return _fresh(before, document, path, roles)
        return _extended(before or b"", document, path, roles, merged_stages)
    except NotEditableError as reason:
        raise WizardError(
            "ci-file-not-editable",
            f"{CI_FILE}, line {reason.line}: {reason.reason}.",
            f"Mend that line, or add these two lines by hand:\ninclude:\n  - {item(path)}",
        ) from reason


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise NotEditableError(line, "the file is not UTF-8") from error


def _refuse_unsure_keys(document: CiDocument) -> None:
    """Refuse an `include` or `stages` of which it is not sure that GitLab takes it from the place we would change."""
    if document.root is None:
        return
    for earlier, later in duplicate_keys(document.root):
        if text_of(later) in _EDITED_KEYS:
            raise NotEditableError(line_of(later), f"`{text_of(later)}` stands in line {line_of(earlier)} already")
    for key, source in merges(document.root):
        for name in _EDITED_KEYS:
            if lookup(source, name) is not None and written(document.root, name) is None:
                raise NotEditableError(
                    line_of(key), f"`{name}` comes from a merge key (`<<`), not from a key of its own"
                )


def _refuse_taken_names(document: CiDocument, names: Sequence[str]) -> None:
    for name, line in taken_names(document, names):
        raise WizardError(
            "ci-job-name-taken",
            f"{CI_FILE}, line {line}: `{name}` is the name of a job of ours, and GitLab would merge the two into one.",
            "Rename or remove that job.",
        )


def _fresh(before: bytes | None, document: CiDocument, path: str, roles: Sequence[StageRole]) -> Splice:
    """Write a whole configuration into a file that has none, behind its comments."""
    lines = _NEW_FILE.format(item=item(path)).splitlines()
    pieces = [Piece(document.end, document.lines_at(document.end, lines))]
    added = insertions(document.text, pieces)
    after = insert(before or b"", added)
    again = read(after.decode("utf-8"))
    kept = again.header is document.header or (document.header and again.header and same(document.header, again.header))
    if not kept or [text_of(key) for key, _ in pairs(again.root)] != ["stages", "workflow", "include"]:
        raise NotEditableError(1, "the file has no content, yet none can be added to it")
    return Splice(before, after, added, fit_stages(DEFAULT_STAGES, roles).choices, (), True, findings(document))


def _extended(
    before: bytes, document: CiDocument, path: str, roles: Sequence[StageRole], merged_stages: Sequence[str] | None
) -> Splice:
    include = edit_include(document, path)
    stages = edit_stages(document, roles, merged_stages, includes_others=include.includes_others)
    added = _sound_way(before, document, include, stages, path)
    return Splice(
        before=before,
        after=insert(before, added),
        insertions=added,
        stages=stages.plan.choices,
        runner_tags=runner_tags(document).carried,
        merge_request_pipelines=has_merge_request_pipelines(document),
        warnings=(*findings(document), *include.warnings, *stages.warnings),
    )


def _sound_way(
    before: bytes, document: CiDocument, include: IncludeEdit, stages: StagesEdit, path: str
) -> tuple[Insertion, ...]:
    """Return the insertions of the first way whose result reads as the old file with our additions."""
    failure = NotEditableError(1, "nothing can be inserted")
    for way in include.ways or ((),):
        added = insertions(document.text, (*stages.pieces, *way))
        additions = Additions(path if include.ways else None, stages.expected)
        try:
            check(document, _read_again(document, insert(before, added)), additions)
        except NotEditableError as reason:
            failure = reason
        else:
            return added
    raise failure


def _read_again(document: CiDocument, after: bytes) -> CiDocument:
    try:
        return read(after.decode("utf-8"))
    except NotEditableError as reason:
        keys = [pair for pair in (written(document.root, name) for name in _EDITED_KEYS) if pair]
        line = line_of(keys[0][0]) if keys else 1
        raise NotEditableError(line, "an insertion would leave a file that cannot be read") from reason
