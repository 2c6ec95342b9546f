"""What a step says first holds for the answers that were given before it."""

from __future__ import annotations

import pytest

from tests.core.every_question import step
from tests.core.question_states import DOCKERFILE, state
from wizard import flow
from wizard.question import Draft, Known

FOUND = state({"Dockerfile": DOCKERFILE})


@pytest.mark.parametrize(
    ("target", "name", "said", "unsaid"),
    [
        ("gitlab", "registry", "Images of this project are named", "another registry"),
        ("external", "registry", "that of GitLab stays as it is", "are named"),
        ("gitlab", "deploy", "pulls the image with a deploy token", "your registry's own"),
        ("external", "deploy", "pulls the image with your registry's own log-in", "deploy token"),
    ],
)
def test_a_registry_of_your_own_is_not_told_as_that_of_gitlab(target: str, name: str, said: str, unsaid: str) -> None:
    told = flow.introduction(step(name), Known(Draft({"registry": {"target": target}}), FOUND))
    assert said in told
    assert unsaid not in told
