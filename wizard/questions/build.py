"""The jobs that build the image and publish it."""

from __future__ import annotations

from wizard.complete import pipeline_there
from wizard.previews.engine import engine_advice, engines, needed
from wizard.previews.image import built_image
from wizard.question import UNMANAGED, Choice, Known, Question, Step
from wizard.questions.common import detection, fits


def _building(known: Known) -> bool:
    return known.draft.get("build.enabled") is True


def _writing(known: Known) -> bool:
    return _no_dockerfile(known) and known.draft.get("build.generate_dockerfile") is True


def _no_dockerfile(known: Known) -> bool:
    path = known.draft.get("build.dockerfile") or "Dockerfile"
    return _building(known) and detection(known).dockerfile_at(str(path)) is None


def _possible(known: Known) -> bool:
    found = detection(known)
    return known.state is None or bool(found.dockerfiles or found.stacks)


def _enabled(known: Known) -> bool | str:
    return True if _possible(known) else UNMANAGED


def _enabled_choices(known: Known) -> tuple[Choice, ...]:
    build = Choice(True, "build and publish", "Every commit is built; deploying and copying use that image.")
    leave = Choice(UNMANAGED, "leave as it is", "A pipeline is added only if there is something to build.")
    never = Choice(False, "do not build", "No build job is added, whatever the repository holds.")
    return (build, leave, never) if _possible(known) else (leave, build, never)


def _dockerfile(known: Known) -> str:
    found = detection(known)
    if found.dockerfile or not found.dockerfiles:
        return found.dockerfile.path if found.dockerfile else "Dockerfile"
    return found.dockerfiles[0].path


def _dockerfiles(known: Known) -> tuple[Choice, ...]:
    return tuple(Choice(found.path, found.path) for found in detection(known).dockerfiles)


def _stacks(known: Known) -> tuple[Choice, ...]:
    names = ("php", "node", "python", "go", "java", "ruby", "dotnet", "rust", "static")
    found = [stack.name for stack in detection(known).stacks]
    first = [*found, *(name for name in names if name not in found)]
    auto = Choice("auto", "as detected", f"Found: {', '.join(found)}." if found else "")
    named = tuple(Choice(name, _STACKS.get(name, name.capitalize()), "found here" if name in found else "")
                  for name in first)  # fmt: skip
    return (*named[: len(found)], auto, *named[len(found) :]) if len(found) > 1 else (auto, *named)


_STACKS = {"php": "PHP", "node": "Node.js", "dotnet": ".NET", "static": "static web pages"}


def _stack(known: Known) -> str:
    found = detection(known).stacks
    return found[0].name if len(found) > 1 else "auto"


def _engines(known: Known) -> tuple[Choice, ...]:
    return tuple(_ENGINES[option.engine] for option in engine_advice(known).options)


_ENGINES = {
    "dind": Choice("dind", "run privileged containers: Docker in Docker", "GitLab.com and most runners of companies."),
    "buildah": Choice("buildah", "no privileged containers: Buildah", "Reads ordinary Dockerfiles."),
    "buildkit": Choice(
        "buildkit", "no privileged containers: BuildKit", "Without root; has Docker's own build features."
    ),
    "socket": Choice("socket", "use its machine's own Docker", "Fast, but every job rules that machine: trusted only."),
    "kaniko": Choice("kaniko", "no privileged containers: Kaniko", "Where it is used already; its makers left it."),
}


def _tagged(known: Known) -> bool:
    return _building(known) and bool(_runner_tags(known) or known.draft.get("build.runner_tags") is not None)


def _runner_tags(known: Known) -> tuple[Choice, ...]:
    tags = pipeline_there(known.state).tags
    return tuple(Choice(tag, tag, "Your own jobs ask for it.") for tag in dict.fromkeys((*tags.carried, *tags.named)))


def _platforms(_: Known) -> tuple[Choice, ...]:
    return (
        Choice("linux/amd64", "linux/amd64", "Ordinary servers and PCs (Intel, AMD)."),
        Choice("linux/arm64", "linux/arm64", "Apple silicon, AWS Graviton, newer Raspberry Pis."),
        Choice("linux/arm/v7", "linux/arm/v7", "Older 32-bit ARM boards."),
        Choice("linux/386", "linux/386"),
        Choice("linux/ppc64le", "linux/ppc64le"),
        Choice("linux/riscv64", "linux/riscv64"),
        Choice("linux/s390x", "linux/s390x"),
    )


def _tags(_: Known) -> tuple[Choice, ...]:
    return (
        Choice("branch", "the branch", "The default branch has a tag that moves with it."),
        Choice("latest", "latest", "Moves with the default branch."),
        Choice("semver", "versions", "A git tag v1.4.2 gives 1.4.2 and 1.4."),
        Choice("iid", "the pipeline's number", "A number that only grows."),
    )


def _intro(known: Known) -> str:
    found = detection(known)
    if found.dockerfile:
        return f"There is a {found.dockerfile.path}: the pipeline can build it at every commit and publish the image."
    if found.stack:
        return f"There is no Dockerfile. The repository holds a {found.stack.name} project: one can be written for it."
    if found.stacks:
        names = ", ".join(stack.name for stack in found.stacks)
        return f"There is no Dockerfile, and more than one kind of project ({names}): choose the one to build."
    if found.dockerfiles:
        return f"There is no Dockerfile in the root, but there are others: {found.dockerfiles[0].path}."
    if known.state is None:
        return "The pipeline can build an image at every commit and publish it to the registry."
    return "Neither a Dockerfile nor a known kind of project was found, so there is nothing to build yet."


STEP = Step(
    key="build",
    title="Build",
    intro=_intro,
    preview=built_image,
    questions=(
        Question(
            key="build.enabled",
            text="Shall the pipeline build an image and publish it?",
            help="Adds two jobs in a file of their own; your own jobs stay as they are.",
            form="choice",
            default=_enabled,
            choices=_enabled_choices,
            section="build",
            topic="build",
        ),
        Question(
            key="build.engine",
            text="What may the runner do that builds the image?",
            help="It decides which program builds. If nobody can tell you, take the first: a runner that forbids it "
            "says so in the job's log, and this answer can be changed at any time.",
            form="choice",
            default=lambda known: engine_advice(known).chosen,
            choices=_engines,
            when=_building,
            topic="engines",
            preview=engines,
            needs=needed,
        ),
        Question(
            key="build.runner_tags",
            text="Which tags does the runner need to have?",
            help="A job waits for a runner that has all of its tags. Without a tag it takes any runner that runs "
            "untagged jobs. What most of your own jobs ask for is recommended.",
            form="many",
            default=lambda known: pipeline_there(known.state).tags.carried,
            choices=_runner_tags,
            when=_tagged,
            optional=True,
            detected=True,
            topic="engines",
        ),
        Question(
            key="build.dockerfile",
            text="Where is the Dockerfile?",
            help="Its path in the repository. The Dockerfile says step by step how the image is made.",
            form="text",
            default=_dockerfile,
            choices=_dockerfiles,
            check=fits("build.dockerfile"),
            when=_building,
        ),
        Question(
            key="build.generate_dockerfile",
            text="There is no Dockerfile at that place. Shall one be written?",
            help="It is a starting point that belongs to you: it is written once and never touched again.",
            form="confirm",
            default=lambda _: True,
            when=_no_dockerfile,
        ),
        Question(
            key="build.stack",
            text="What is it written for?",
            help="The kind of project decides the base image, how dependencies are installed and what is started.",
            form="choice",
            default=_stack,
            choices=_stacks,
            when=_writing,
        ),
        Question(
            key="build.context",
            text="Which folder does the build see?",
            help="COPY in the Dockerfile takes files from there. `.` is the whole repository.",
            form="text",
            default=lambda _: ".",
            check=fits("build.context"),
            when=_building,
        ),
        Question(
            key="build.platforms",
            text="Which kinds of machine does the image run on?",
            help="Each further kind makes the build longer, much longer where it is emulated.",
            form="many",
            default=lambda _: ("linux/amd64",),
            choices=_platforms,
            when=_building,
        ),
        Question(
            key="build.tags",
            text="Which tags does a published image get beside its commit?",
            help="A tag is a name for an image. The tag of the commit is always there and never moves.",
            form="many",
            default=lambda _: ("branch", "latest", "semver"),
            choices=_tags,
            optional=True,
            when=_building,
        ),
    ),
)
