"""The files of a plan: Dockerfile, pipeline, the include in `.gitlab-ci.yml`, Kubernetes, the answers."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from wizard import layout
from wizard.answers import Answers, Build, Kubernetes
from wizard.change import Change, Notice
from wizard.complete import effective_build, workload
from wizard.errors import WizardError
from wizard.generate.dockerfile import built_image, choose_stack, render_dockerfile, render_dockerignore
from wizard.generate.kubernetes import KubernetesApp, render_base, render_overlay
from wizard.generate.owned import Ownership, ownership, seal
from wizard.generate.workload_overlay import render_workload_overlay
from wizard.planning.file_changes import WantedFile, plan_delivery
from wizard.planning.options import PlanOptions
from wizard.planning.part import Part
from wizard.planning.pipeline import plan_pipeline
from wizard.planning.workloads import adopted_in, manifest_notices
from wizard.state import State


def plan_files(answers: Answers, state: State, options: PlanOptions, answers_text: str | None) -> Part:
    """Plan every file; where nothing is built only the answers file is left."""
    build = effective_build(answers, state.repository.detection)
    wanted: list[WantedFile] = []
    notices: list[Notice] = []
    if build is not None:
        dockerfile, guesses = _dockerfile(build, state)
        wanted += dockerfile
        notices += guesses
        pipeline, pipeline_notices = plan_pipeline(answers, build, state)
        wanted += pipeline
        notices += [*pipeline_notices, *_user_notices(answers, build, state)]
    if answers.deploy:
        wanted += kubernetes_files(answers, build, state)
        notices += manifest_notices(answers.deploy.kubernetes, state.repository.detection)
    wanted += _answers(state, options, answers_text)
    changes = plan_delivery(wanted, state, options, answers.delivery) if wanted else []
    return Part(changes=tuple(changes), notices=(*notices, *_ignored_notices(changes, state)))


def _ignored_notices(changes: Sequence[Change], state: State) -> Iterator[Notice]:
    """Tell of files that a commit would leave out: a pipeline that includes one of them would not start."""
    files = state.repository.files
    pending = [change.target for change in changes if change.kind == "file" and change.action != "delete"]
    names = [path for path in pending if path in files and files[path].ignored]
    if names:
        listed = ", ".join(names)
        yield Notice(
            "file-ignored",
            f"git ignores {listed}, so a commit leaves {'them' if len(names) > 1 else 'it'} out",
            f"Take it out of .gitignore, or add it by force: git add --force {' '.join(map(shlex.quote, names))}",
        )


def _dockerfile(build: Build, state: State) -> tuple[list[WantedFile], list[Notice]]:
    """Write a Dockerfile only where there is none, and a .dockerignore likewise; tell what had to be guessed."""
    files, detection = state.repository.files, state.repository.detection
    if files[build.dockerfile].content is not None:
        return [], []
    stack = choose_stack(detection, build.stack) if build.generate_dockerfile else None
    if stack is None:
        raise WizardError("no-dockerfile", f"there is no {build.dockerfile}{_why_none(build, state)}", _DOCKERFILE_HINT)
    ignore = layout.dockerignore(build)
    wanted = [WantedFile(build.dockerfile, seal(render_dockerfile(stack)), f"builds the {stack.name} project", "build")]
    if files[ignore].content is None:
        wanted.append(WantedFile(ignore, seal(render_dockerignore(stack)), "keeps files out of the image", "build"))
    hint = f"Look at the {build.dockerfile} before you commit it."
    return wanted, [Notice("dockerfile-guess", guess, hint) for guess in stack.guesses]


_DOCKERFILE_HINT = "Write one, name it (build.dockerfile), choose the stack (build.stack), or set build.enabled: false."


def _why_none(build: Build, state: State) -> str:
    names = [stack.name for stack in state.repository.detection.stacks]
    if not build.generate_dockerfile:
        return ", and none is to be generated"
    return f", and the repository fits several stacks: {', '.join(names)}" if names else ", and no stack was recognised"


def _user_notices(answers: Answers, build: Build, state: State) -> list[Notice]:
    found = state.repository.detection.dockerfile_at(build.dockerfile)
    if answers.deploy is None or answers.deploy.kubernetes.workloads or found is None or found.user is not None:
        return []
    app = answers.deploy.kubernetes.app
    named = f"the user {found.user_name}" if found.user_name else "root"
    return [
        Notice(
            "image-user-not-numeric",
            f"{build.dockerfile} runs as {named}; the Deployment asks for the numeric user {app.run_as or 10001}",
            "End the Dockerfile with a numeric USER, and make its files readable for it.",
        )
    ]


def kubernetes_files(answers: Answers, build: Build | None, state: State) -> list[WantedFile]:
    """Return the manifests of the answers, which have a `deploy`."""
    assert answers.deploy is not None  # noqa: S101  # the caller asked
    kubernetes = answers.deploy.kubernetes
    if kubernetes.workloads:
        return _overlays(kubernetes, answers, state)
    work = workload(kubernetes, build, state)
    app = KubernetesApp(
        name=work.name,
        repository=image_repository(answers, state),
        port=work.port,
        replicas=work.replicas,
        health_path=work.health_path,
        run_as=work.run_as,
        read_only=_bears_read_only(build, state),
        pull_secret=kubernetes.pull_secret.name,
    )
    files = {path: (text, "the workload") for path, text in render_base(app).items()}
    for environment in kubernetes.environments:
        overlay = render_overlay(app, environment.name, environment.namespace)
        files |= {path: (text, f"the environment {environment.name}") for path, text in overlay.items()}
    return [WantedFile(path, seal(text), why, "deploy") for path, (text, why) in files.items()]


def _overlays(kubernetes: Kubernetes, answers: Answers, state: State) -> list[WantedFile]:
    """Leave the repository's own manifests alone and put an overlay beside them."""
    wanted = []
    for environment in kubernetes.environments:
        adopted = adopted_in(kubernetes, environment, state.repository.detection)
        overlay = render_workload_overlay(
            adopted,
            state.repository.detection,
            environment=environment.name,
            namespace=environment.namespace,
            repository=image_repository(answers, state),
            pull_secret=kubernetes.pull_secret.name,
        )
        names = ", ".join(each.title for each in adopted)
        why = f"the environment {environment.name} of {names}, whose manifests stay as they are"
        sources = tuple(dict.fromkeys(each.workload.path for each in adopted))
        wanted += [WantedFile(path, seal(text), why, "deploy", sources=sources) for path, text in overlay.items()]
    return wanted


def image_repository(answers: Answers, state: State) -> str:
    """Return the repository of the image that is built, HOST/PATH."""
    external = answers.registry.external if answers.registry else None
    if external:
        return f"{external.host}/{external.repository}"
    return state.project.image_prefix or state.project.path.lower()


def _bears_read_only(build: Build | None, state: State) -> bool:
    """Whether the image is known to run with a read-only root: only one that we wrote the Dockerfile of."""
    if build is None:
        return False
    found = state.repository.files.get(build.dockerfile)
    content = found.content if found else None
    if content is not None and ownership(content) is not Ownership.INTACT:
        return False
    stack = choose_stack(state.repository.detection, build.stack)
    return stack is not None and built_image(stack).read_only


def _answers(state: State, options: PlanOptions, text: str | None) -> list[WantedFile]:
    """Write the answers where there are none yet, or where the wizard asked for it; never reformat a user's file."""
    present = state.repository.files[layout.ANSWERS].content
    if text is None or (present is not None and not options.write_answers):
        return []
    return [WantedFile(layout.ANSWERS, text.encode(), "the answers", "answers", owned=False)]
