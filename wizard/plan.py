"""build_plan: answers and state go in, the ordered changes come out. Pure: no clock, network, file or randomness.

Order: the registry itself, credentials, allowlists, variables, the policies of the registry, and the files last, so
that nothing in the repository refers to what does not exist yet.
"""

from __future__ import annotations

from collections.abc import Sequence

from wizard.answers import Answers
from wizard.change import Change, Check, Notice, Plan
from wizard.changes.deploy_token import SPECIAL_NAME
from wizard.changes.project_settings import plan_cleanup, plan_registry
from wizard.changes.protection_rule import plan_rule
from wizard.complete import effective_build
from wizard.errors import UsageError, WizardError
from wizard.planning.auth_config import plan_auth_config, plan_docker_auth
from wizard.planning.deploy_tokens import WantedToken, plan_token
from wizard.planning.files import plan_files
from wizard.planning.options import PlanOptions
from wizard.planning.own_variables import plan_external, plan_mirrors, plan_variables
from wizard.planning.part import Part, joined
from wizard.planning.pipeline import pushes_are_protected
from wizard.planning.shared_images import plan_shared_images
from wizard.planning.variables import Wanted, plan_removal, plan_variable, references
from wizard.references import with_named_asks
from wizard.rights import by_api
from wizard.state import State, Unknown

_NO_OPTIONS = PlanOptions()


def build_plan(
    answers: Answers, state: State, options: PlanOptions = _NO_OPTIONS, answers_text: str | None = None
) -> Plan:
    """Return everything that differs from the answers, and what does not, in the order in which it is made.

    `answers_text`: what the answers file should hold where one is to be written; None: none is.
    """
    answers = with_named_asks(answers)
    _refuse_impossible(answers, state)
    part = _part(answers, state, options)
    wanted, auth_notices = _all_variables(part, state, options)
    planned = [plan_variable(variable, state, options.rotate) for variable in wanted]
    removed = _removed_variables(answers, part, state)
    _refuse_twice([*(change for change, _ in planned), *removed])
    policies = _policies(answers, state)
    files = plan_files(answers, state, options, answers_text)
    changes = (*part.changes, *(change for change, _ in planned), *removed, *policies, *files.changes)
    notices = [
        *_about_the_caller(changes, state),
        *part.notices,
        *auth_notices,
        *(notice for _, notices in planned for notice in notices),
        *_protection_notices(answers, state),
        *files.notices,
    ]
    return Plan(
        project=state.project.path,
        project_id=state.project.id,
        url=state.instance.url,
        changes=changes,
        checks=part.checks,
        warnings=tuple(dict.fromkeys([*_role_notices(changes, state), *notices])),
        secrets=tuple(
            dict.fromkeys(name for change in changes if change.pending for name in references(change.inputs))
        ),
    )


def planned_variables(answers: Answers, state: State, options: PlanOptions = _NO_OPTIONS) -> tuple[Change, ...]:
    """Return what a plan does to the project's variables, for which no file needs to be known."""
    part = _part(answers, state, options)
    wanted, _ = _all_variables(part, state, options)
    planned = [plan_variable(variable, state, options.rotate)[0] for variable in wanted]
    return (*planned, *_removed_variables(answers, part, state))


def _part(answers: Answers, state: State, options: PlanOptions) -> Part:
    return joined(
        [
            _registry(answers, state),
            _pull_secret(answers, state),
            plan_shared_images(answers.pull, state, options.rotate),
            _external(answers),
            plan_mirrors(answers.mirror),
            plan_docker_auth(answers.docker_auth, state),
            plan_variables(answers.variables, state),
        ]
    )


def _refuse_impossible(answers: Answers, state: State) -> None:
    if state.project.archived:
        raise WizardError(
            "archived", f"{state.project.path} is archived, so GitLab lets nobody change it", "Unarchive it first."
        )
    external = answers.registry is not None and answers.registry.target == "external"
    if not external and state.project.image_prefix is None and not isinstance(state.project.registry_access, Unknown):
        if state.project.registry_access == "disabled":
            return
        raise WizardError(
            "no-registry",
            f"{state.instance.url} has no container registry",
            "Ask its administrator to switch it on, or use another registry: registry.target: external.",
        )


def _registry(answers: Answers, state: State) -> Part:
    external = answers.registry is not None and answers.registry.target == "external"
    change = plan_registry(answers.registry, state.project, needed=not external)
    if change is None:
        return Part()
    proof = Check(change.id, "gitlab-grant", state.project.path, repository=state.project.path)
    return Part(changes=(change,), checks=(proof,) if not external else ())


def _pull_secret(answers: Answers, state: State) -> Part:
    """Want the deploy token that Kubernetes pulls with: a job token is dead when a pod restarts."""
    external = answers.registry is not None and answers.registry.target == "external"
    if answers.deploy is None or external:
        return Part()
    wanted = WantedToken(
        name=SPECIAL_NAME,
        project=state.project,
        days=answers.deploy.kubernetes.pull_secret.expires_in_days,
        purpose="Kubernetes pulls images",
        step="deploy.kubernetes.pull_secret",
    )
    planned = plan_token(wanted, state.deploy_tokens, state)
    return Part(changes=(planned.change,), notices=planned.notices, checks=(planned.check,))


def _external(answers: Answers) -> Part:
    registry = answers.registry
    return plan_external(registry.external) if registry and registry.external else Part()


def _all_variables(part: Part, state: State, options: PlanOptions) -> tuple[list[Wanted], tuple[Notice, ...]]:
    auth_config, notices = plan_auth_config(part, state, options.rotate)
    return [*part.variables, *([auth_config] if auth_config else [])], notices


def _removed_variables(answers: Answers, part: Part, state: State) -> list[Change]:
    named = [(key, "*", step) for key, step in part.removed_variables]
    named += [(found.key, found.scope, f"variables.{found.key}") for found in answers.variables if found.absent]
    planned = [plan_removal(key, scope, step, state) for key, scope, step in named]
    return [change for change in planned if change]


def _refuse_twice(variables: Sequence[Change]) -> None:
    ids = [change.id for change in variables]
    twice = next((change for change in variables if ids.count(change.id) > 1), None)
    if twice:
        key, _, scope = twice.id.removeprefix("variable:").partition("@")
        raise UsageError(
            "variable-twice",
            f"two answers decide the variable {key} ({scope}); one of them is {twice.step}",
            "Leave one of them out. Variables for images of other projects are named after the project's path.",
        )


def _policies(answers: Answers, state: State) -> list[Change]:
    registry = answers.registry
    if registry is None:
        return []
    cleanup = plan_cleanup(registry.cleanup, state.project) if registry.cleanup else None
    rule = plan_rule(registry.protect, state.project, state.protection_rules) if registry.protect else None
    return [change for change in (cleanup, rule) if change]


def _protection_notices(answers: Answers, state: State) -> list[Notice]:
    if not pushes_are_protected(answers) or effective_build(answers, state.repository.detection) is None:
        return []
    return [
        Notice(
            "protection-blocks-developers",
            "with the protection rule a pipeline that a Developer starts cannot push images",
            "Jobs on unprotected refs build without pushing; protect the refs that publish.",
        )
    ]


def _about_the_caller(changes: Sequence[Change], state: State) -> list[Notice]:
    notices = []
    scopes = state.identity.scopes
    if (
        not isinstance(scopes, Unknown)
        and "api" not in scopes
        and any(change.pending and by_api(change) for change in changes)
    ):
        notices.append(
            Notice(
                "scope-too-low",
                f"the token has the scopes {', '.join(scopes) or 'none'}: enough to plan, not to apply",
                "Create a token with the scope `api`.",
            )
        )
    return notices


def _role_notices(changes: Sequence[Change], state: State) -> list[Notice]:
    by_place: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        if change.blocked and change.pending:
            by_place.setdefault((change.blocked.needs, change.blocked.on), []).append(change)
    return [_role_notice(role, place, blocked, state) for (role, place), blocked in by_place.items()]


def _role_notice(role: str, place: str, blocked: Sequence[Change], state: State) -> Notice:
    wishes = "; ".join(f"{change.action}: {change.summary}" for change in blocked)
    return Notice(
        "role-too-low",
        f"{len(blocked)} change(s) need the role {role} in {place}; {state.identity.username} has a lower one",
        f"Send this to a {role.capitalize()} there: please apply for {state.project.path}: {wishes}",
    )
