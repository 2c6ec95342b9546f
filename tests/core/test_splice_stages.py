"""Stages are chosen by the names that people give them, and new ones go where they belong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.generate.stages import StageRole, fit_stages, plan_stages

BUILD, PUBLISH, DEPLOY, MIRROR = StageRole
NEW = {"build", "deploy", "publish", "release", "delivery", "registry-deploy"}


def names(line: str) -> list[str]:
    """Split a line of names at commas."""
    return [name.strip() for name in line.split(",") if name.strip()]


@pytest.mark.parametrize(
    ("stages", "role", "expected"),
    [
        ("build, test, deploy", BUILD, "build"),
        ("package, test, build", BUILD, "build"),
        ("containers, package", BUILD, "package"),
        ("docker, deploy", BUILD, "docker"),
        ("image, deploy", BUILD, "image"),
        ("Build, test", BUILD, "Build"),
        ("BUILD , test", BUILD, "BUILD"),
        ("Build, build", BUILD, "build"),
        ("Build Release, Deploy Release", BUILD, "Build Release"),
        ("Build Release, Deploy Release", DEPLOY, "Deploy Release"),
        ("Build Release, release", PUBLISH, "release"),
        ("build:cmake_latest, build:gcc", BUILD, "build:cmake_latest"),
        ("docker-build, test", BUILD, "docker-build"),
        ("build-prepare, build-libraries", BUILD, "build-libraries"),
        ("build-prepare, test", BUILD, "build-prepare"),
        ("buildImages, test", BUILD, "buildImages"),
        ("build1, build2", BUILD, "build1"),
        ("🚀 deploy, build", BUILD, "build"),
        ("build, 🚀 deploy", DEPLOY, "🚀 deploy"),
        ("build, release, deploy", PUBLISH, "release"),
        ("build, publish, deploy", PUBLISH, "publish"),
        ("build, publish, deploy", DEPLOY, "deploy"),
        ("build, deploy", PUBLISH, "deploy"),
        ("build, delivery", DEPLOY, "delivery"),
        ("build, Deployment", DEPLOY, "Deployment"),
        ("build, mirror, deploy", MIRROR, "mirror"),
        ("build, release", MIRROR, "release"),
    ],
)
def test_a_role_takes_the_stage_that_is_named_for_it(stages: str, role: StageRole, expected: str) -> None:
    plan = plan_stages(names(stages), [BUILD, role])
    chosen = {choice.role: choice.stage for choice in plan.choices}
    assert chosen[role] == expected
    assert not any(choice.added for choice in plan.choices if choice.role is role)


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ("test", "build*, test, deploy*"),
        ("lint, test, deploy", "lint, build*, test, deploy"),
        ("prepare, lint, unit-tests, production", "prepare, lint, build*, unit-tests, deploy*, production"),
        (".pre, test, .post", ".pre, build*, test, deploy*, .post"),
        ("build, test, staging, canary, production", "build, test, deploy*, staging, canary, production"),
        ("build, review, test, production", "build, review, test, deploy*, production"),
        ("build, test, cleanup", "build, test, deploy*, cleanup"),
        ("build, lint", "build, lint, deploy*"),
        ("one, two", "one, two, build*, deploy*"),
        ("", "build*, deploy*"),
        ("pre-build, test-build, check-docker", "pre-build, build*, test-build, check-docker, deploy*"),
        ("build, test:deploy, post-deploy", "build, test:deploy, deploy*, post-deploy"),
        ("$[[ inputs.build_stage ]], test", "$[[ inputs.build_stage ]], build*, test, deploy*"),
        ("deploy, build", "deploy, build, publish*"),
        ("publish, release, delivery, deploy, build", "publish, release, delivery, deploy, build, registry-deploy*"),
        ("rebuild, deployer", "rebuild, deployer, build*, deploy*"),
    ],
)
def test_a_missing_stage_goes_between_what_comes_before_and_after_it(stages: str, expected: str) -> None:
    before = names(stages)
    plan = plan_stages(before, [BUILD, DEPLOY])
    after = list(before)
    for new in reversed(plan.new):
        after.insert(new.position, f"{new.stage}*")
    assert after == names(expected)


@pytest.mark.parametrize(
    ("merged", "expected", "borrowed"),
    [
        (".pre, build, test, deploy, .post", ("build", "deploy"), ()),
        (".pre, prepare, Package, test, Release, .post", ("Package", "Release"), ()),
        ("compile, verify, live", ("compile", "verify"), (BUILD, DEPLOY)),
        ("deploy, build", ("build", "build"), (DEPLOY,)),
        ("only", ("only", "only"), (BUILD, DEPLOY)),
        (".pre, .post", ("build", "deploy"), ()),
    ],
)
def test_where_nothing_can_be_inserted_the_nearest_stage_is_borrowed(
    merged: str, expected: tuple[str, str], borrowed: tuple[StageRole, ...]
) -> None:
    plan = fit_stages(names(merged), [BUILD, DEPLOY])
    assert tuple(choice.stage for choice in plan.choices) == expected
    assert plan.borrowed == borrowed


WORDS = ["build", "Build Release", "package", "test", "lint", "deploy", "release", "production", "cleanup", "x", "$Y"]
STAGES = st.lists(st.sampled_from(WORDS), unique=True, max_size=8)
ROLES = st.lists(st.sampled_from(list(StageRole)), unique=True, min_size=1)


@given(STAGES, ROLES)
def test_every_role_has_a_stage_and_none_comes_before_the_build(stages: list[str], roles: list[StageRole]) -> None:
    plan = plan_stages(stages, roles)
    after = list(stages)
    for new in reversed(plan.new):
        after.insert(new.position, new.stage)
    assert [choice.role for choice in plan.choices] == roles
    assert len(set(after)) == len(after)
    chosen = {choice.role: after.index(choice.stage) for choice in plan.choices}
    assert all(chosen[role] >= chosen.get(BUILD, 0) for role in roles)
    assert {choice.stage for choice in plan.choices if choice.added} == {new.stage for new in plan.new}
    assert {new.stage for new in plan.new} <= NEW


@given(STAGES, ROLES)
def test_choosing_again_finds_what_was_inserted(stages: list[str], roles: list[StageRole]) -> None:
    plan = plan_stages(stages, roles)
    after = list(stages)
    for new in reversed(plan.new):
        after.insert(new.position, new.stage)
    again = plan_stages(after, roles)
    assert again.new == ()
    assert [choice.stage for choice in again.choices] == [choice.stage for choice in plan.choices]
