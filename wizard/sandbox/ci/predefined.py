"""The variables that GitLab itself gives a job, by phase (`doc/ci/variables/predefined_variables`).

What a runner adds (`CI_RUNNER_*`, `CI_BUILDS_DIR`, `CI_PROJECT_DIR`, …) is not here: a world has no runners. Neither
are variables of features that a world has not: Pages, Auto DevOps, integrations, releases, merge request pipelines.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from urllib.parse import urlsplit

from wizard.sandbox.ci.agents import authorised_agents, kubeconfig
from wizard.sandbox.ci.environments import environment_named, tier_of
from wizard.sandbox.ci.pipelines import NO_COMMIT, commit_of, is_protected, is_tag, pipeline_of
from wizard.sandbox.ci.slugs import environment_slug, slug
from wizard.sandbox.entities import image_prefix, namespace, revision
from wizard.sandbox.git.objects import Commit
from wizard.sandbox.identity import expired
from wizard.sandbox.registry.login import JOB_USER
from wizard.sandbox.schema import DeployToken, Group, Job, Project, User
from wizard.sandbox.world import World

Pairs = Iterator[tuple[str, str]]
EXPOSED = "gitlab-deploy-token"
"""The name by which GitLab hands a deploy token to jobs (`DeployToken::GITLAB_DEPLOY_TOKEN_NAME`)."""
CONFIGURATION = ".gitlab-ci.yml"
MOST_MERGE_REQUESTS = 4


class JobContext:
    """A job with what it belongs to."""

    def __init__(self, world: World, project: Project, job: Job) -> None:
        """Look nothing up before it is needed."""
        self.world = world
        self.project = project
        self.job = job

    @cached_property
    def commit(self) -> Commit | None:
        """The commit that the job works on."""
        return commit_of(self.world, self.project, self.job.ref)

    @property
    def web_url(self) -> str:
        """The page of the project."""
        return f"{self.world.addresses.url}/{self.project.path}"

    @property
    def user(self) -> User | None:
        """Who started the job."""
        return self.world.user(self.job.started_by)


def predefined(world: World, project: Project, job: Job) -> Pairs:
    """Walk all predefined variables of a job; of one key the last counts."""
    context = JobContext(world, project, job)
    for phase in (before_pipeline, of_pipeline, of_job):
        yield from phase(context)


def before_pipeline(context: JobContext) -> Pairs:
    """Walk those that exist before a pipeline does, usable in `include:rules`."""
    yield from (("CI", "true"), ("GITLAB_CI", "true"), ("GITLAB_FEATURES", ""))
    yield from _server(context.world)
    yield from _project(context)
    yield from _registry(context)
    yield from _dependency_proxy(context)
    yield from _commit(context)
    yield "CI_PIPELINE_SOURCE", context.job.source


def of_pipeline(context: JobContext) -> Pairs:
    """Walk those that a pipeline adds, usable in `rules`."""
    pipeline = pipeline_of(context.project, context.job)
    yield "CI_PIPELINE_IID", str(pipeline.iid)
    yield "CI_PIPELINE_NAME", ""
    yield "CI_PIPELINE_CREATED_AT", _iso(context.world.now())
    yield "CI_JOB_NAME", context.job.name
    yield "CI_JOB_NAME_SLUG", slug(context.job.name)
    yield "CI_JOB_GROUP_NAME", context.job.name
    yield "CI_JOB_STAGE", context.job.stage
    yield "CI_NODE_TOTAL", "1"
    if context.user is not None:
        yield "GITLAB_USER_ID", str(context.user.id)
        yield "GITLAB_USER_EMAIL", context.user.email
        yield "GITLAB_USER_LOGIN", context.user.username
        yield "GITLAB_USER_NAME", context.user.name
    yield from _environment(context)
    yield from _kubernetes(context)


def of_job(context: JobContext) -> Pairs:
    """Walk those that only a job has: never in `rules`, `workflow`, `include` or a trigger job."""
    job, now = context.job, _iso(context.world.now())
    yield "CI_PIPELINE_ID", str(job.pipeline)
    yield "CI_PIPELINE_URL", f"{context.web_url}/-/pipelines/{job.pipeline}"
    yield "CI_JOB_ID", str(job.id)
    yield "CI_JOB_URL", f"{context.web_url}/-/jobs/{job.id}"
    yield "CI_JOB_TOKEN", job.token
    yield "CI_JOB_STARTED_AT", now
    yield "CI_JOB_STARTED_AT_SLUG", slug(now)
    yield "CI_REGISTRY_USER", JOB_USER
    yield "CI_REGISTRY_PASSWORD", job.token
    server = urlsplit(context.world.addresses.url)
    yield "CI_REPOSITORY_URL", f"{server.scheme}://{JOB_USER}:{job.token}@{server.netloc}/{context.project.path}.git"
    token = exposed_deploy_token(context.world, context.project)
    if token is not None:
        yield "CI_DEPLOY_USER", token.username
        yield "CI_DEPLOY_PASSWORD", token.token


def exposed_deploy_token(world: World, project: Project) -> DeployToken | None:
    """Return the active token that jobs get: the project's, else that of the group right around it, no further up."""
    homes: list[Project | Group] = [project, *world.ancestors(project.path)[-1:]]
    for home in homes:
        for token in home.deploy_tokens:
            if token.name == EXPOSED and not token.revoked and not expired(world, token):
                return token
    return None


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _server(world: World) -> Pairs:
    url = world.addresses.url
    parts = urlsplit(url)
    host, port = parts.hostname or "", str(parts.port or {"http": 80, "https": 443}[parts.scheme])
    version = world.state.instance.version
    numbers = [*version.partition("-")[0].split("."), "0", "0"]
    yield "CI_API_V4_URL", f"{url}/api/v4"
    yield "CI_API_GRAPHQL_URL", f"{url}/api/graphql"
    yield "CI_SERVER_URL", url
    yield "CI_SERVER_FQDN", parts.netloc
    yield "CI_SERVER_HOST", host
    yield "CI_SERVER_PORT", port
    yield "CI_SERVER_PROTOCOL", parts.scheme
    yield "CI_SERVER_SHELL_SSH_HOST", host
    yield "CI_SERVER_SHELL_SSH_PORT", "22"
    yield "CI_SERVER_NAME", "GitLab"
    yield "CI_SERVER_VERSION", version
    yield from zip(
        ("CI_SERVER_VERSION_MAJOR", "CI_SERVER_VERSION_MINOR", "CI_SERVER_VERSION_PATCH"), numbers, strict=False
    )
    yield "CI_SERVER_REVISION", revision(world)
    yield "CI_TEMPLATE_REGISTRY_HOST", "registry.gitlab.com"


def _project(context: JobContext) -> Pairs:
    project = context.project
    around, _, name = project.path.rpartition("/")
    yield "CI_PROJECT_ID", str(project.id)
    yield "CI_PROJECT_NAME", name
    yield "CI_PROJECT_TITLE", name
    yield "CI_PROJECT_DESCRIPTION", ""
    yield "CI_PROJECT_PATH", project.path
    yield "CI_PROJECT_PATH_SLUG", slug(project.path)
    yield "CI_PROJECT_NAMESPACE", around
    yield "CI_PROJECT_NAMESPACE_SLUG", slug(around)
    yield "CI_PROJECT_NAMESPACE_ID", str(namespace(context.world, project.path)["id"])
    yield "CI_PROJECT_ROOT_NAMESPACE", project.path.partition("/")[0]
    yield "CI_PROJECT_ROOT_NAMESPACE_SLUG", slug(project.path.partition("/")[0])
    yield "CI_PROJECT_TOPICS", ""
    yield "CI_PROJECT_URL", context.web_url
    yield "CI_PROJECT_VISIBILITY", project.visibility
    yield "CI_PROJECT_REPOSITORY_LANGUAGES", ""
    yield "CI_PROJECT_CLASSIFICATION_LABEL", ""
    yield "CI_DEFAULT_BRANCH", project.default_branch
    yield "CI_DEFAULT_BRANCH_SLUG", slug(project.default_branch)
    yield "CI_CONFIG_PATH", CONFIGURATION
    kind = "tags" if is_tag(project, context.job.ref) else "heads"
    server = urlsplit(context.world.addresses.url).netloc
    yield "CI_CONFIG_REF_URI", f"{server}/{project.path}//{CONFIGURATION}@refs/{kind}/{context.job.ref}"


def _registry(context: JobContext) -> Pairs:
    host = context.world.registry_host
    if host is None:
        return
    yield "CI_REGISTRY", host
    if context.project.registry != "disabled":
        yield "CI_REGISTRY_IMAGE", image_prefix(context.world, context.project)


def _dependency_proxy(context: JobContext) -> Pairs:
    """The proxy's login is the job's; its address has a port even where that goes without saying."""
    server = urlsplit(context.world.addresses.url)
    port = server.port or {"http": 80, "https": 443}[server.scheme]
    address = f"{server.hostname}:{port}"
    yield "CI_DEPENDENCY_PROXY_SERVER", address
    around = context.project.path.lower().rpartition("/")[0]
    root, end = around.partition("/")[0], "dependency_proxy/containers"
    yield "CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX", f"{address}/{root}/{end}"
    yield "CI_DEPENDENCY_PROXY_DIRECT_GROUP_IMAGE_PREFIX", f"{address}/{around}/{end}"
    yield "CI_DEPENDENCY_PROXY_USER", JOB_USER
    yield "CI_DEPENDENCY_PROXY_PASSWORD", context.job.token


def _commit(context: JobContext) -> Pairs:
    job, commit, project = context.job, context.commit, context.project
    sha = commit.id if commit else NO_COMMIT
    yield "CI_COMMIT_SHA", sha
    yield "CI_COMMIT_SHORT_SHA", sha[:8]
    yield "CI_COMMIT_BEFORE_SHA", commit.parents[0] if commit and commit.parents else NO_COMMIT
    yield "CI_COMMIT_REF_NAME", job.ref
    yield "CI_COMMIT_REF_SLUG", slug(job.ref)
    if is_tag(project, job.ref):
        yield "CI_COMMIT_TAG", job.ref
        yield "CI_COMMIT_TAG_MESSAGE", ""
    else:
        yield "CI_COMMIT_BRANCH", job.ref
    yield "CI_COMMIT_REF_PROTECTED", str(is_protected(project, job.ref)).lower()
    if commit is not None:
        title, _, rest = commit.message.partition("\n")
        yield "CI_COMMIT_MESSAGE", commit.message
        yield "CI_COMMIT_MESSAGE_IS_TRUNCATED", "false"
        yield "CI_COMMIT_TITLE", title
        yield "CI_COMMIT_DESCRIPTION", rest.lstrip("\n")
        yield "CI_COMMIT_TIMESTAMP", commit.committer.at.isoformat()
        yield "CI_COMMIT_AUTHOR", f"{commit.author.name} <{commit.author.email}>"
    open_ones = [
        f"{project.path}!{item.iid}"
        for item in project.merge_requests
        if (item.state, item.source) == ("opened", job.ref)
    ]
    if open_ones:
        yield "CI_OPEN_MERGE_REQUESTS", ",".join(open_ones[:MOST_MERGE_REQUESTS])


def _environment(context: JobContext) -> Pairs:
    name = context.job.environment
    environment = environment_named(context.project, name) if name else None
    if environment is None:
        return
    yield "CI_ENVIRONMENT_NAME", environment.name
    yield "CI_ENVIRONMENT_ACTION", "start"
    yield "CI_ENVIRONMENT_TIER", tier_of(environment)
    yield "CI_ENVIRONMENT_ID", str(environment.id)
    yield "CI_ENVIRONMENT_SLUG", environment_slug(environment.name)
    if environment.external_url:
        yield "CI_ENVIRONMENT_URL", environment.external_url


def _kubernetes(context: JobContext) -> Pairs:
    protected = is_protected(context.project, context.job.ref)
    agents = authorised_agents(context.world, context.project, context.job.environment, protected=protected)
    if agents:
        yield "KUBECONFIG", kubeconfig(context.world, agents, context.job)
