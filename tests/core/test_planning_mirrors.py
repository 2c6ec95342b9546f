"""What proves a mirror's log-in: the exact rights, asked for where that registry answers."""

from __future__ import annotations

import pytest

from wizard.answers import EcrMirror, LoginMirror
from wizard.planning.own_variables import plan_mirrors

ECR = EcrMirror(
    to="ecr",
    registry="123456789012.dkr.ecr.eu-central-1.amazonaws.com",
    repository="app",
    region="eu-central-1",
    role="arn:aws:iam::123456789012:role/push",
)


@pytest.mark.parametrize(
    ("registry", "asked"),
    [("harbor.example.com:8443", "harbor.example.com:8443"), ("docker.io", "registry-1.docker.io")],
)
def test_a_log_in_is_proved_by_the_rights_to_pull_and_push_the_copy(registry: str, asked: str) -> None:
    mirror = LoginMirror(to="generic", registry=registry, repository="team/app", username="bot", password="env:P")
    [check] = plan_mirrors([mirror]).checks
    assert (check.id, check.form, check.place) == ("variable:MIRROR_GENERIC_PASS@*", "registry-grant", asked)
    assert (check.repository, check.actions) == ("team/app", "pull,push")
    assert (check.username, check.password) == ("literal:bot", "env:P")


def test_a_log_in_by_a_token_of_the_job_is_left_to_the_job() -> None:
    assert plan_mirrors([ECR]).checks == ()
