"""Where the images go, and how that place is kept."""

from __future__ import annotations

from typing import Any

from wizard.complete import kept_tags
from wizard.previews.cleanup import needed, removed_tags
from wizard.question import NULL, SET_UP, UNMANAGED, Choice, Known, Question, Step
from wizard.questions.common import fits, maskable, project_path
from wizard.state import Unknown


def _external(known: Known) -> bool:
    return bool(known.draft.get("registry.target") == "external")


def _gitlab(known: Known) -> bool:
    return not _external(known)


def _cleaning(known: Known) -> bool:
    return _gitlab(known) and known.draft.get("registry.cleanup.enabled") is True


def _protecting(known: Known) -> bool:
    protect = known.draft.get("registry.protect")
    return _gitlab(known) and protect is not None and protect != "none"


def _target(known: Known) -> str:
    return "external" if known.state and known.state.project.image_prefix is None else "gitlab"


def _targets(known: Known) -> tuple[Choice, ...]:
    choices = (
        Choice("gitlab", "GitLab's own registry", "Nothing to store: pipelines log in with their own job token."),
        Choice("external", "another registry", "Images live elsewhere; pipelines log in with a user and a password."),
    )
    return choices if _target(known) == "gitlab" else choices[::-1]


def _rule_there(known: Known) -> bool:
    rules = known.state.protection_rules if known.state else Unknown("")
    return isinstance(rules, Unknown) or any(rule.pattern == project_path(known) for rule in rules)


def _policy_there(known: Known) -> bool:
    policy = known.state.project.cleanup if known.state else Unknown("")
    return isinstance(policy, Unknown) or bool(policy and policy.get("enabled"))


def _cleanup_choices(known: Known) -> tuple[Choice, ...]:
    present = "A policy is switched on already." if known.state and _policy_there(known) else ""
    leave = Choice(UNMANAGED, "leave as it is", present or "Old tags stay until somebody deletes them.")
    chosen = (leave, Choice(True, "set a policy", "GitLab deletes old tags by the rules that follow."))
    off = Choice(False, "switch the policy off", "Nothing is deleted by itself any more.")
    return (*chosen, off) if _policy_there(known) or known.draft.get("registry.cleanup.enabled") is False else chosen


def _protect_choices(known: Known) -> tuple[Choice, ...]:
    chosen = (
        Choice(UNMANAGED, "leave as it is", "Every Developer may push images and delete them."),
        Choice(SET_UP, "limit it", "Jobs on unprotected branches then build without pushing."),
    )
    off = Choice("none", "remove the limit", "The rule for this project's own path goes.")
    return (*chosen, off) if _rule_there(known) or known.draft.get("registry.protect") == "none" else chosen


def _levels(*, free: bool) -> tuple[Choice, ...]:
    levels = (
        Choice("maintainer", "Maintainers and above"),
        Choice("owner", "Owners and above"),
        Choice("admin", "administrators only"),
    )
    return (*levels, Choice(NULL, "no limit")) if free else levels


def _visibility(_: Known) -> tuple[Choice, ...]:
    return (
        Choice(UNMANAGED, "leave as it is"),
        Choice("project", "everyone who can see the project", "For a public project: everybody, without logging in."),
        Choice("private", "members of the project only", "Also stops the job tokens of other projects' non-members."),
    )


def _cadences(_: Known) -> tuple[Choice, ...]:
    words = (("7d", "every week"), ("1d", "every day"), ("14d", "every two weeks"))
    return tuple(Choice(*pair) for pair in (*words, ("1month", "every month"), ("3month", "every three months")))


def _keeps(_: Known) -> tuple[Choice, ...]:
    numbers = tuple(Choice(number, f"{number} newest") for number in (10, 1, 5, 25, 50, 100))
    return (*numbers, Choice(NULL, "no limit by number"))


def _ages(_: Known) -> tuple[Choice, ...]:
    days = tuple(Choice(f"{number}d", f"older than {number} days") for number in (14, 7, 30, 60, 90))
    return (*days, Choice(NULL, "whatever their age"))


def _intro(known: Known) -> str:
    state = known.state
    if state is None:
        return "A container registry stores the images that pipelines build."
    if state.project.image_prefix is None:
        return "This GitLab has no container registry, so the images must go to another one."
    if _external(known):
        return "Images go to a registry of your own; that of GitLab stays as it is."
    access = state.project.registry_access
    now = "" if isinstance(access, Unknown) else f" The registry of this project is {_ACCESS.get(access, access)}."
    return f"Images of this project are named {state.project.image_prefix}.{now}"


_ACCESS = {
    "enabled": "open to everyone who can see the project",
    "private": "open to members only",
    "disabled": "switched off; it will be switched on",
}


def _repository(known: Known) -> Any:
    return project_path(known).lower() or None


def _retain(known: Known) -> str:
    return kept_tags(known.state.project.default_branch if known.state else None)


STEP = Step(
    key="registry",
    title="Registry",
    intro=_intro,
    preview=removed_tags,
    questions=(
        Question(
            key="registry.target",
            text="Where do the images go?",
            help="GitLab brings a registry with each project. Choose another one only if your images must live there.",
            form="choice",
            default=_target,
            choices=_targets,
            topic="registry",
        ),
        Question(
            key="registry.external.host",
            text="What is the address of that registry?",
            help="Its host, with a port if it has one: registry.example.com:5000. Stored as DOCKER_REGISTRY.",
            form="text",
            check=fits("registry.external.host"),
            when=_external,
        ),
        Question(
            key="registry.external.repository",
            text="Under which path are the images stored there?",
            help="Project and image as that registry names them, such as team/app. It is written into the pipeline.",
            form="text",
            default=_repository,
            check=fits("registry.external.repository"),
            when=_external,
        ),
        Question(
            key="registry.external.username",
            text="Who logs in there?",
            help="A user or, better, a robot account that may push to that path only. "
            "Stored as DOCKER_REGISTRY_USER, readable.",
            form="text",
            check=fits("registry.external.username"),
            when=_external,
        ),
        Question(
            key="registry.external.password",
            text="Where is the password or token of that user?",
            help="Say where it is, not what it is: env:NAME, file:PATH or keyring:SERVICE/USER; ask: you type it "
            "unseen. It is stored in GitLab as DOCKER_REGISTRY_PASS, masked and hidden.",
            form="secret",
            default=lambda _: "env:REGISTRY_PASSWORD",
            check=fits("registry.external.password"),
            unseen=maskable,
            when=_external,
            topic="secrets",
        ),
        Question(
            key="registry.visibility",
            text="Who may see and pull the images?",
            help="The registry can be as open as the project, or closed to everybody who is not a member.",
            form="choice",
            default=lambda _: UNMANAGED,
            choices=_visibility,
            section="registry.visibility",
            when=_gitlab,
            topic="registry",
        ),
        Question(
            key="registry.cleanup.enabled",
            text="Shall GitLab delete old image tags by itself?",
            help="A cleanup policy saves storage. What it deletes is gone: choose the rules so that every image that "
            "runs somewhere is kept.",
            form="choice",
            default=lambda _: UNMANAGED,
            choices=_cleanup_choices,
            section="registry.cleanup",
            needs=needed,
            when=_gitlab,
            topic="cleanup",
        ),
        Question(
            key="registry.cleanup.cadence",
            text="How often does the cleanup run?",
            help="Between two runs, nothing is deleted.",
            form="choice",
            default=lambda _: "7d",
            choices=_cadences,
            needs=needed,
            when=_cleaning,
            topic="cleanup",
        ),
        Question(
            key="registry.cleanup.keep",
            text="How many tags of each image are always kept?",
            help="The newest tags stay, whatever their age.",
            form="choice",
            default=lambda _: 10,
            choices=_keeps,
            when=_cleaning,
            topic="cleanup",
        ),
        Question(
            key="registry.cleanup.older_than",
            text="How old must a tag be to be deleted?",
            help="Younger tags stay, however many they are.",
            form="choice",
            default=lambda _: "14d",
            choices=_ages,
            when=_cleaning,
            topic="cleanup",
        ),
        Question(
            key="registry.cleanup.remove",
            text="Which tags may be deleted?",
            help="A regular expression for the whole name of a tag. `.*` means every tag that no other rule keeps.",
            form="text",
            default=lambda _: ".*",
            check=fits("registry.cleanup.remove"),
            when=_cleaning,
            topic="cleanup",
        ),
        Question(
            key="registry.cleanup.retain",
            text="Which tags are kept whatever happens?",
            help="A regular expression for the whole name of a tag. Unless you change it: latest, the default branch, "
            "versions and signatures.",
            form="text",
            default=_retain,
            check=fits("registry.cleanup.retain"),
            when=_cleaning,
            topic="cleanup",
            optional=True,
            detected=True,
        ),
        Question(
            key="registry.protect",
            text="Shall pushing and deleting images be limited?",
            help="A protection rule for this project's own path: only the roles you choose may push or delete. "
            "Pipelines that a Developer starts can then no longer push.",
            form="choice",
            default=lambda _: UNMANAGED,
            choices=_protect_choices,
            section="registry.protect",
            when=_gitlab,
            topic="protection",
        ),
        Question(
            key="registry.protect.push",
            text="Who may push images?",
            help="A job pushes with the role of the person who started its pipeline.",
            form="choice",
            default=lambda _: "maintainer",
            choices=lambda _: _levels(free=True),
            when=_protecting,
            topic="protection",
        ),
        Question(
            key="registry.protect.delete",
            text="Who may delete images?",
            help="The cleanup policy is not bound by this.",
            form="choice",
            default=lambda _: "maintainer",
            choices=lambda known: _levels(free=known.draft.get("registry.protect.push", "") is not None),
            when=_protecting,
            topic="protection",
        ),
    ),
)
