"""Where the image runs: Kubernetes, by the GitLab agent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wizard.answer_keys import named
from wizard.answer_words import problem_with
from wizard.generate.dockerfile import built_image
from wizard.previews.manifests import manifests
from wizard.question import SET_UP, UNMANAGED, Choice, Known, ListQuestion, Question, Step
from wizard.questions.common import agents, counts, detection, fits, project_path, when_first
from wizard.questions.workloads import WORKLOADS, namespace_there, workloads_of
from wizard.slug import dns_label


def _deploying(known: Known) -> bool:
    return known.draft.get("deploy") is not None


def _generating(known: Known) -> bool:
    return _deploying(known) and not workloads_of(known)


def _own_registry(known: Known) -> bool:
    return _deploying(known) and known.draft.get("registry.target") != "external"


def _name(known: Known) -> str | None:
    path = project_path(known)
    return dns_label(path.rpartition("/")[2]) if path else None


def _dockerfile_facts(known: Known) -> tuple[int | None, int | None]:
    found = detection(known)
    dockerfile = found.dockerfile_at(str(known.draft.get("build.dockerfile") or "Dockerfile"))
    if dockerfile:
        return dockerfile.port, dockerfile.user
    wanted = str(known.draft.get("build.stack") or "auto")
    stack = found.stack if wanted == "auto" else found.stack_named(wanted)
    return (built_image(stack).port, built_image(stack).user) if stack else (None, None)


def _port(known: Known) -> int:
    return _dockerfile_facts(known)[0] or 8080


def _run_as(known: Known) -> int:
    return _dockerfile_facts(known)[1] or 10001


def _agents(known: Known) -> tuple[Choice, ...]:
    return tuple(Choice(name, name) for name in agents(known))


def _agent(known: Known) -> str | None:
    found = agents(known)
    name = str(known.item.get("name", ""))
    return next((agent for agent in found if agent.rpartition(":")[2] == name), found[0] if found else None)


def _namespace(known: Known) -> str | None:
    there = namespace_there(known)
    if there and problem_with(named("deploy.kubernetes.environments.namespace"), there) is None:
        return there
    name, app = (
        str(known.item.get("name", "")),
        str(known.draft.get("deploy.kubernetes.app.name") or _name(known) or ""),
    )
    if not app:
        return None
    return app if name == "production" else dns_label(f"{app}-{name}")


def _when(known: Known) -> str:
    return "manual" if known.item.get("name") == "production" else "default-branch"


def _suggest(known: Known) -> tuple[Mapping[str, Any], ...]:
    listed = {item.get("name") for item in known.draft.get("deploy.kubernetes.environments") or ()}
    there = [path.rpartition("/")[2] for path in detection(known).overlays]
    return tuple({"name": name} for name in dict.fromkeys(there or ["staging", "production"]) if name not in listed)


def _intro(known: Known) -> str:
    there = detection(known).workloads
    external = known.draft.get("registry.target") == "external"
    log_in = "your registry's own log-in" if external else "a deploy token, which outlives the job"
    text = (
        "A job can deploy the image to Kubernetes through the GitLab agent, a small program in the cluster that "
        f"connects it to GitLab. The cluster pulls the image with {log_in}."
    )
    if there:
        more = f", and {len(there) - 1} more" if len(there) > 1 else ""
        text = f"{text} Manifests that are there: {there[0].kind} {there[0].name} in {there[0].path}{more}."
    found = agents(known)
    return f"{text} Agents here: {', '.join(found)}." if found else text


_ENVIRONMENT = (
    Question(
        key="name",
        text="What is the environment called?",
        help="Its name in GitLab, such as staging or production. Variables can be kept to one environment.",
        form="text",
        check=fits("deploy.kubernetes.environments.name"),
    ),
    Question(
        key="namespace",
        text="Into which namespace of the cluster?",
        help="A namespace keeps the parts of one environment together and apart from others.",
        form="text",
        default=_namespace,
        check=fits("deploy.kubernetes.environments.namespace"),
    ),
    Question(
        key="agent",
        text="Which agent leads into the cluster?",
        help="Path of the project that registers the agent, a colon, the agent's name: group/agents:staging.",
        form="text",
        default=_agent,
        choices=_agents,
        check=fits("deploy.kubernetes.environments.agent"),
        topic="agent",
    ),
    Question(
        key="url",
        text="Under which address do people reach it?",
        help="GitLab links there from the environment's page. Empty: no link.",
        form="text",
        check=fits("deploy.kubernetes.environments.url"),
        optional=True,
    ),
    Question(
        key="when",
        text="When is it deployed?",
        help="Until then, the deploy job is not run.",
        form="choice",
        default=_when,
        choices=lambda known: when_first(_when(known)),
    ),
)

STEP = Step(
    key="deploy",
    title="Deploy",
    intro=_intro,
    preview=manifests,
    when=lambda known: known.draft.get("build.enabled") is True,
    questions=(
        Question(
            key="deploy",
            text="Shall the pipeline deploy the image?",
            help="Adds manifests, or an overlay on those that are there, and a deploy job for each environment. It "
            "needs an agent in the cluster.",
            form="choice",
            default=lambda _: UNMANAGED,
            choices=lambda _: (
                Choice(UNMANAGED, "leave as it is", "Nothing about deploying is changed."),
                Choice(SET_UP, "deploy to Kubernetes", "By the GitLab agent."),
            ),
            section="deploy",
            topic="deploy",
        ),
        WORKLOADS,
        Question(
            key="deploy.kubernetes.app.name",
            text="What is the workload called in the cluster?",
            help="The Deployment and the Service carry this name.",
            form="text",
            default=_name,
            check=fits("deploy.kubernetes.app.name"),
            when=_generating,
            optional=True,
            detected=True,
        ),
        Question(
            key="deploy.kubernetes.app.port",
            text="On which port does the program listen?",
            help="The port inside the container; the cluster sends requests there.",
            form="number",
            default=_port,
            check=counts("deploy.kubernetes.app.port"),
            when=_generating,
            detected=True,
        ),
        Question(
            key="deploy.kubernetes.app.replicas",
            text="How many copies run at once?",
            help="With two, one still answers while the other restarts.",
            form="number",
            default=lambda _: 2,
            check=counts("deploy.kubernetes.app.replicas"),
            when=_generating,
        ),
        Question(
            key="deploy.kubernetes.app.health_path",
            text="Which path answers when the program is well?",
            help="The cluster asks there and restarts a copy that does not answer, for example /healthz. Empty: it is "
            "enough that the port is open.",
            form="text",
            check=fits("deploy.kubernetes.app.health_path"),
            when=_generating,
            optional=True,
        ),
        Question(
            key="deploy.kubernetes.app.run_as",
            text="As which user id does the program run?",
            help="Any number but 0, which is root. It should be the one that the image is made for.",
            form="number",
            default=_run_as,
            check=counts("deploy.kubernetes.app.run_as"),
            when=_generating,
            detected=True,
        ),
        Question(
            key="deploy.kubernetes.pull_secret.name",
            text="What is the cluster's pull secret called?",
            help="The Kubernetes secret that holds the log-in for the registry. The deploy job writes it.",
            form="text",
            default=lambda _: "gitlab-registry",
            check=fits("deploy.kubernetes.pull_secret.name"),
            when=_deploying,
            topic="image-pull-secret",
        ),
        Question(
            key="deploy.kubernetes.pull_secret.expires_in_days",
            text="For how many days is the deploy token valid?",
            help="A deploy token is a user and a password that may only pull. When it expires, new pods cannot start "
            "until it is renewed; a run within its last 30 days says so.",
            form="number",
            default=lambda _: 365,
            check=counts("deploy.kubernetes.pull_secret.expires_in_days"),
            when=_own_registry,
            topic="deploy-token",
        ),
        ListQuestion(
            key="deploy.kubernetes.environments",
            text="Which environments are there?",
            help="One deploy job is made for each.",
            noun="environment",
            least=1,
            title=lambda item: f"{item.get('name', '')} in namespace {item.get('namespace', '')}",
            suggest=_suggest,
            when=_deploying,
            item=_ENVIRONMENT,
        ),
    ),
)
