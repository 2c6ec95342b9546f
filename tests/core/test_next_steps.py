"""What to do after an apply: the files go on their way as they were delivered, and nothing is made up."""

from __future__ import annotations

import pytest

from wizard.change import Change, Plan
from wizard.next_steps import next_steps

FILE = Change("file:a b.yml", "file", "create", "a b.yml", "jobs", diff="")
VARIABLE = Change("variable:A@*", "variable", "create", "acme/app", "A")
COMMIT = Change("commit:set-up", "commit", "create", "set-up", "a commit", after={"branch": "set up"})
REQUEST = Change("merge-request:x", "merge-request", "create", "x", "a request", after={"source_branch": "set up"})
AT = "https://gitlab.example.com/acme/app/-/merge_requests"
LATER = [("Check again", "registry-wizard doctor"), ("Take back", "registry-wizard undo")]


def steps(*changes: Change, left: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    plan = Plan("acme/app", 10, "https://gitlab.example.com", changes)
    return list(next_steps(plan, [change.id for change in changes if change.id not in left], left))


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ((VARIABLE, FILE), ("Commit", "git add 'a b.yml' && git commit && git push")),
        ((FILE, COMMIT), ("Merge", f"{AT}/new?merge_request%5Bsource_branch%5D=set%20up")),
        ((FILE, COMMIT, REQUEST), ("Merge", f"{AT}?scope=all&state=opened&source_branch=set%20up")),
    ],
)
def test_files_go_on_from_where_they_were_delivered(changes: tuple[Change, ...], first: tuple[str, str]) -> None:
    assert steps(*changes) == [first, *LATER]


def test_without_files_there_is_nothing_to_commit() -> None:
    assert steps(VARIABLE) == LATER


def test_what_is_left_can_be_gone_on_with() -> None:
    assert [word for word, _ in steps(VARIABLE, FILE, left=(FILE.id,))] == ["Go on", "Check again", "Take back"]
    assert [word for word, _ in steps(VARIABLE, left=(VARIABLE.id,))] == ["Go on"]
