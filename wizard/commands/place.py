"""Where a command works: which repository, and which project on which GitLab."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wizard.answers import Answers
from wizard.change import Plan
from wizard.commands.options import Common
from wizard.errors import UsageError
from wizard.gateways.git import Git, GitError
from wizard.question import Draft
from wizard.target import Target, resolve


@dataclass(frozen=True, slots=True)
class Place:
    """Where the command works: a repository, or nothing but GitLab."""

    git: Git | None = None
    work_tree: Path | None = None


def find_place(common: Common) -> Place:
    """Find the repository of `--repo`, or the one around the current folder."""
    start = common.repo or Path.cwd()
    if not start.is_dir():
        raise UsageError("repo", f"--repo {start} is not a folder", "Name the top folder of a git work tree.")
    try:
        top = Git.top(start)
        if top is not None:
            return Place(Git(top), top)
        if Git(start).exists():
            return Place(Git(start))
    except GitError as error:
        if error.code != "git-missing" or common.repo:
            raise
    if common.repo:
        raise UsageError("repo", f"--repo {start} is not a git repository", "Name the top folder of a git work tree.")
    return Place()


def find_target(common: Common, place: Place, answers: Answers, saved: Plan | None, *, choose: bool) -> Target:
    """Work out the target, and refuse what would write into the clone of another project."""
    target = resolve(
        project=common.project,
        answered=saved.project if saved else answers.project,
        url=common.url,
        origin=place.git.remote_url() if place.git else None,
        work_tree=place.work_tree,
        choose=choose,
    )
    if saved and (saved.url != target.url or saved.project != target.project):
        raise UsageError(
            "other-plan",
            f"the plan is for {saved.project} on {saved.url}, not for {target.project} on {target.url}",
            "Run it in that project's repository, or name both with --project and --url.",
        )
    by_api = any(change.kind == "commit" for change in saved.changes) if saved else False
    if not choose and not by_api and (saved or answers.delivery.mode == "working-tree"):
        check_work_tree(target, target.project)
    return target


def delivered(draft: Draft, target: Target) -> Draft:
    """Begin with a delivery that can be made: by GitLab's API, where there is no clone of the project to write into."""
    here = target.work_tree is not None and not _elsewhere(target, draft.get("project"))
    return draft if here or draft.get("delivery.mode") else draft.put("delivery.mode", "merge-request")


def _elsewhere(target: Target, project: str | None) -> bool:
    origin = target.origin_project
    return bool(origin and project and origin.lower() != project.lower())


def check_work_tree(target: Target, project: str | None) -> None:
    """Refuse to write files for one project into the clone of another."""
    origin = target.origin_project
    if _elsewhere(target, project):
        raise UsageError(
            "other-work-tree",
            f"the files are for {project}, and this work tree is a clone of {origin}",
            "Run inside the project's own clone, or deliver by API: --set delivery.mode=branch.",
        )
