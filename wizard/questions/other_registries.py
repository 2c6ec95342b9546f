"""Other registries that the runner must log in to before a job begins."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from wizard.previews.auth_config import entries
from wizard.question import Known, ListQuestion, Question, Step
from wizard.questions.common import fits, image_names, removal, split_image
from wizard.state import Unknown

_OPEN = ("docker.io", "quay.io", "gcr.io", "ghcr.io", "mcr.microsoft.com", "registry.k8s.io", "public.ecr.aws")
_OPEN_TOO = ("registry.gitlab.com", "lscr.io", "localhost")


def _title(item: Mapping[str, Any]) -> str:
    return f"{item.get('host', '')} ({'remove' if item.get('absent') else item.get('username', '')})"


def _wanted(known: Known) -> bool:
    return not known.item.get("absent")


def _suggest(known: Known) -> tuple[Mapping[str, Any], ...]:
    own = known.state.project.registry_host if known.state else None
    listed = {item.get("host") for item in known.draft.get("docker_auth") or ()}
    hosts = dict.fromkeys(split_image(name)[0] for name, use in image_names(known) if use == "job")
    return tuple({"host": host} for host in hosts if host and host not in (own, *_OPEN, *_OPEN_TOO, *listed))


def _password(known: Known) -> str:
    name = re.sub(r"[^A-Z0-9]+", "_", str(known.item.get("host", "")).upper()).strip("_")
    return f"env:{name}_PASSWORD" if name and not name[0].isdigit() else "env:REGISTRY_PASSWORD"


def _intro(known: Known) -> str:
    text = (
        "A job's own image is pulled by the runner before any script runs, so a `docker login` in the job is too "
        "late. The variable DOCKER_AUTH_CONFIG tells the runner how to log in."
    )
    variables = known.state.variables if known.state else ()
    there = not isinstance(variables, Unknown) and any(found.key == "DOCKER_AUTH_CONFIG" for found in variables)
    return f"{text} It exists here already: what it holds is kept." if there else text


STEP = Step(
    key="docker_auth",
    title="Other registries",
    intro=_intro,
    preview=entries,
    questions=(
        ListQuestion(
            key="docker_auth",
            text="Which other private registries do jobs take their images from?",
            help="Only for `image:` and `services:` of jobs. GitLab's own registry needs no entry.",
            noun="registry",
            title=_title,
            suggest=_suggest,
            topic="docker-auth-config",
            item=(
                Question(
                    key="host",
                    text="What is the address of the registry?",
                    help="Its host, with a port if it has one; with a path behind it the log-in is for that path only.",
                    form="text",
                    check=fits("docker_auth.host"),
                ),
                removal("registry", "takes its entry out of DOCKER_AUTH_CONFIG; the other entries stay"),
                Question(
                    key="username",
                    text="Who logs in there?",
                    help="A user or, better, a robot account that may only pull.",
                    form="text",
                    check=fits("docker_auth.username"),
                    when=_wanted,
                ),
                Question(
                    key="password",
                    text="Where is the password or token of that user?",
                    help="Say where it is, not what it is: env:NAME, file:PATH or keyring:SERVICE/USER; ask: you type "
                    "it unseen. It is stored in GitLab inside DOCKER_AUTH_CONFIG, masked.",
                    form="secret",
                    default=_password,
                    check=fits("docker_auth.password"),
                    when=_wanted,
                    topic="secrets",
                ),
            ),
        ),
    ),
)
