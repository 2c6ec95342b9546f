"""The `stages` of a `.gitlab-ci.yml`: which stages our jobs take, and the insertions that add a missing one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yaml.nodes import Node, SequenceNode

from wizard.change import Notice
from wizard.generate.ci_document import CiDocument, NotEditableError
from wizard.generate.ci_nodes import is_list, is_null, items, line_of, resolved, text_of, written
from wizard.generate.splice_insertion import Piece
from wizard.generate.splice_list import insert_item, quote_of
from wizard.generate.stages import DEFAULT_STAGES, StagePlan, StageRole, fit_stages, plan_stages


@dataclass(frozen=True, slots=True)
class StagesEdit:
    """What becomes of `stages`: the chosen stages, the pieces to insert, and the stages that must be read back."""

    plan: StagePlan
    pieces: tuple[Piece, ...] = ()
    expected: tuple[tuple[str, int], ...] = ()
    """New names with the position of the list's item before which each must be found."""
    warnings: tuple[Notice, ...] = ()


def edit_stages(
    document: CiDocument, roles: Sequence[StageRole], merged: Sequence[str] | None, *, includes_others: bool
) -> StagesEdit:
    """Choose a stage for each role and add what is missing.

    `merged` are the stages of the merged configuration by GitLab's lint; they count where the file itself has none.
    Raise NotEditableError if a stage is missing and the list cannot take it.
    """
    pair = written(document.root, "stages")
    if pair is not None:
        # An empty `stages:` overrides those of included files and means the default.
        if is_null(resolved(pair[1])):
            return StagesEdit(fit_stages(DEFAULT_STAGES, roles))
        return _edit_list(document, pair[1], roles, merged)
    if merged is not None:
        plan = fit_stages(merged, roles)
        return StagesEdit(plan, warnings=tuple(_borrowed(plan)))
    plan = fit_stages(DEFAULT_STAGES, roles)
    return StagesEdit(plan, warnings=(_undecided(plan),) if includes_others else ())


def _edit_list(
    document: CiDocument, value: Node, roles: Sequence[StageRole], merged: Sequence[str] | None
) -> StagesEdit:
    names, positions, unread = _names(value)
    plan = plan_stages(names, roles)
    if unread and plan.new and merged is not None:
        plan = fit_stages(merged, roles)
        return StagesEdit(plan, warnings=tuple(_borrowed(plan)))
    if not plan.new:
        return StagesEdit(plan)
    if not isinstance(value, SequenceNode) or not is_list(value):
        raise NotEditableError(line_of(value), _why_not_a_list(plan))
    quote = quote_of(document, value)
    places = [(new.stage, positions[new.position - 1] + 1 if new.position else 0) for new in plan.new]
    if value.value:
        pieces = tuple(insert_item(document, value, place, f"{quote}{name}{quote}") for name, place in places)
    else:
        pieces = (insert_item(document, value, 0, ", ".join(name for name, _ in places)),)
    return StagesEdit(plan, pieces, tuple(places), (_unread(value, plan),) if unread else ())


def _names(value: Node) -> tuple[list[str], list[int], bool]:
    """Return the stage names, the item that holds each, and whether some cannot be read here (`!reference`).

    GitLab flattens lists within the list. What cannot be read keeps its place under an empty name.
    """
    names: list[str] = []
    positions: list[int] = []
    unread = not is_list(resolved(value))
    seen = {id(resolved(value))}
    for position, item in enumerate(items(value)):
        waiting = [item]
        while waiting:
            node = waiting.pop(0)
            if is_list(resolved(node)):
                waiting[:0] = items(node) if id(resolved(node)) not in seen else []
                seen.add(id(resolved(node)))
                continue
            name = text_of(node)
            unread = unread or name is None
            names.append(name or "")
            positions.append(position)
    return names, positions, unread


def _why_not_a_list(plan: StagePlan) -> str:
    missing = " and ".join(f"`{new.stage}`" for new in plan.new)
    return f"`stages` is not a list written in place, so {missing} cannot be added to it"


def _undecided(plan: StagePlan) -> Notice:
    stages = ", ".join(dict.fromkeys(f"`{choice.stage}`" for choice in plan.choices))
    return Notice(
        "stages-from-includes",
        f"The file has no `stages` but includes other files, so the merged configuration decides if {stages} exist.",
        "Check the merged configuration in the pipeline editor, or run again with access to the project's CI lint.",
    )


def _unread(value: Node, plan: StagePlan) -> Notice:
    added = ", ".join(f"`{new.stage}`" for new in plan.new)
    return Notice(
        "stages-not-readable",
        f"Line {line_of(value)}: `stages` takes some names from elsewhere (`!reference`); {added} may be there twice.",
        "Remove the added stage if the referenced list has it already.",
    )


def _borrowed(plan: StagePlan) -> list[Notice]:
    chosen = {choice.role: choice.stage for choice in plan.choices}
    return [
        Notice(
            "stage-borrowed",
            f"No stage of the merged configuration is named for the {role} job; it runs in `{chosen[role]}`.",
            "Write `stages` into .gitlab-ci.yml if it should run in a stage of its own.",
        )
        for role in plan.borrowed
    ]
