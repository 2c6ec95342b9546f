"""A plan as text and as Markdown: what is said, and that it stays harmless."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from tests.core.sample_plans import ESCAPE, PLAN
from wizard.change import Change, Kind, Plan
from wizard.output import plan_markdown, plan_text
from wizard.output.console import Console
from wizard.rights import rights


def printed(plan: Plan, environ: dict[str, str] | None = None, **given: object) -> str:
    out = io.StringIO()
    Console(out, io.StringIO(), environ or {}).show(plan_text.render(plan, **given))  # type: ignore[arg-type]
    return out.getvalue()


def test_every_change_stands_in_the_text_with_a_symbol_and_a_word() -> None:
    text = printed(PLAN)
    for change in PLAN.changes:
        assert f"{plan_text.SYMBOLS[change.action]} {change.action}" in text
        assert change.id in text


def test_warnings_come_first_and_changes_in_groups() -> None:
    text = printed(PLAN)
    places = [text.index(title) for title in ("Warnings", "Settings", "Credentials", "Variables", "Files")]
    assert places == sorted(places)


def test_the_text_reads_well_without_colour_in_80_columns() -> None:
    assert max(len(line) for line in printed(PLAN).splitlines()) <= 80


@pytest.mark.parametrize(
    "line",
    [
        "      cadence: 1d -> 7d",
        "      blocked: needs maintainer on acme/base",
        "      conflict (edited): it was edited",
        "      To replace it: --overwrite .gitlab-ci.yml",
        "      +include: x",
        "      before: not readable with this role",
        "      acme/team/app may pull from acme/base (on acme/base)",
        "  env:PASS - needs a typed yes: it is the token",
        "  GitLab grants pull on acme/base/python",
        "2 to create, 2 to update, 1 to delete, 1 unchanged; 2 held back",
        "Next: registry-wizard apply",
    ],
)
def test_the_text_says(line: str) -> None:
    text = printed(PLAN, risks={"env:PASS": "it is the token"}, then="registry-wizard apply")
    assert line in text.splitlines()


def test_a_brief_text_leaves_out_what_stands_in_new_files_and_nothing_else() -> None:
    new = Change(
        "file:a.yml", "file", "create", "a.yml", "a.yml: new", diff="--- /dev/null\n+++ b/a.yml\n+inside: it\n"
    )
    plan = replace(PLAN, changes=(*PLAN.changes, new))
    left_out = {"      --- /dev/null", "      +++ b/a.yml", "      +inside: it"}
    assert left_out <= set(printed(plan).splitlines())
    assert [line for line in printed(plan).splitlines() if line not in left_out] == printed(
        plan, brief=True
    ).splitlines()


def test_the_least_rights_are_said_before_anything_starts() -> None:
    def change(kind: Kind, target: str, **inputs: object) -> Change:
        return Change(f"{kind}:{target}", kind, "create", target, "x", after={}, inputs=inputs)

    settings = (change("variable", "acme/app"), change("deploy-token", "acme/base"))
    delivery = (change("file", "a", via="commit:x"), change("commit", "acme/app"))
    here = change("file", "b", via="work-tree")
    for changes, lines in (
        (
            (*settings, here),
            ["the token's scope `api`", "the role Maintainer in acme/app", "the role Maintainer in acme/base"],
        ),
        (delivery, ["the token's scope `api`", "the role Developer in acme/app"]),
        ((*delivery, settings[0]), ["the token's scope `api`", "the role Maintainer in acme/app"]),
        ((here,), []),
    ):
        plan = replace(PLAN, project="acme/app", changes=changes, secrets=(), checks=(), warnings=())
        text, markdown = printed(plan), plan_markdown.render(plan)
        assert list(rights(plan)) == lines
        assert [line for line in lines if f"  {line}\n" not in text] == []
        assert ("Rights that apply needs" in text) == ("Rights that apply needs" in markdown) == bool(lines)


def test_a_field_that_stays_is_not_listed_for_an_update() -> None:
    assert "keep_n" not in printed(PLAN)


def test_a_plan_without_changes_says_so() -> None:
    plan = replace(PLAN, changes=PLAN.changes[:1], warnings=(), secrets=())
    assert "no change: 0 to create, 0 to update, 0 to delete, 1 unchanged" in printed(plan)


def test_text_from_outside_cannot_act_on_the_terminal() -> None:
    plain, coloured = printed(PLAN), printed(PLAN, {"FORCE_COLOR": "1"})
    assert "\x1b" not in plain
    assert "\x1b[" in coloured
    assert ESCAPE[:2] not in coloured


@pytest.mark.parametrize(
    ("environ", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, False),
        ({"FORCE_COLOR": "0"}, False),
    ],
)
def test_colour_follows_the_environment(environ: dict[str, str], coloured: bool) -> None:
    assert ("\x1b[" in printed(PLAN, environ)) is coloured


def test_markdown_holds_every_change_and_its_diff() -> None:
    text = plan_markdown.render(PLAN, risks={"env:PASS": "it is the token"})
    for change in PLAN.changes:
        assert change.id in text
    assert "```diff\n--- a/.gitlab-ci.yml" in text
    assert "`env:PASS`: needs a typed yes, it is the token" in text
    assert PLAN.fingerprint in text
    assert "\x1b" not in text


def test_markdown_shows_outside_text_as_it_is() -> None:
    change = Change(
        "variable:A|B@*", "variable", "create", "x/y", "<img src=x> [a](http://b) *c* | `d`\nsecond", after={}
    )
    file = Change("file:a", "file", "create", "a", "new", diff="+```\n+<b>\n")
    text = plan_markdown.render(replace(PLAN, changes=(change, file)))
    assert "<img" not in text
    assert "[a](http" not in text
    row = next(line for line in text.splitlines() if "variable:A" in line)
    assert row.replace(r"\|", "").count("|") == 4
    assert "````diff" in text
