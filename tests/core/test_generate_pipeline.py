"""The owned pipeline file: valid for GitLab, runnable by a POSIX shell, and nobody's text but its own in a script."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from importlib.resources import files
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from tests.core.generated_pipelines import (
    BASE,
    ECR,
    HARBOR,
    OTHER_BASE,
    SAMPLES,
    STAGING,
    as_schema_sees,
    commands,
    jobs,
    load,
    script,
)
from wizard.answers import Environment
from wizard.errors import UsageError
from wizard.generate.images import images
from wizard.generate.pipeline import RELEASE_TAG, Pipeline, Stages, mirror_jobs, render_pipeline
from wizard.generate.pipeline_logins import BaseToken
from wizard.generate.templates import literal

BUILD = "registry-image-build"
RENDERED = {name: render_pipeline(pipeline) for name, pipeline in SAMPLES.items()}
LOADED = {name: load(text) for name, text in RENDERED.items()}
every_sample = pytest.mark.parametrize("name", SAMPLES)
SHELLS = [shell for shell in (["sh"], ["busybox", "sh"], ["bash", "--posix"]) if shutil.which(shell[0])]


@pytest.fixture(scope="module")
def schema() -> Draft7Validator:
    vendored = files("check_jsonschema").joinpath("builtin_schemas/vendor/gitlab-ci.json")
    return Draft7Validator(json.loads(vendored.read_text(encoding="utf-8")))


@every_sample
def test_the_file_is_valid_for_gitlab(name: str, schema: Draft7Validator) -> None:
    assert [error.message for error in schema.iter_errors(as_schema_sees(LOADED[name]))] == []


@every_sample
def test_nothing_in_the_file_is_global(name: str) -> None:
    assert all(key.startswith(("registry-", ".registry-")) for key in LOADED[name])
    for _, job in jobs(LOADED[name]):
        assert job["extends"] == ".registry-base"
    assert LOADED[name][".registry-base"]["inherit"] == {"default": False, "variables": False}


@every_sample
def test_every_script_is_posix_shell(name: str) -> None:
    assert SHELLS
    for job, _ in jobs(LOADED[name]):
        text = script(LOADED[name], job)
        for shell in SHELLS:
            done = subprocess.run([*shell, "-n"], input=text, text=True, capture_output=True, check=False)
            assert (done.returncode, done.stderr) == (0, ""), f"{job}: {done.stderr}"


@every_sample
def test_scripts_are_strict_and_drop_the_runners_log_ins(name: str) -> None:
    for job, _ in jobs(LOADED[name]):
        text = script(LOADED[name], job)
        assert "set -eu\n" in text
        if not job.startswith("registry-deploy-"):
            assert text.index("unset DOCKER_AUTH_CONFIG") < text.index("mktemp -d")


@every_sample
def test_no_secret_is_an_argument_of_a_program(name: str) -> None:
    secret = re.compile(r"\$\{?\w*(?:PASS|PASSWORD|TOKEN)\b")
    builtin = re.compile(r"\s*(?:printf '[^']*' |: \"|add_login |auth=\$\(printf '[^']*' )")
    for job, _ in jobs(LOADED[name]):
        for line in script(LOADED[name], job).splitlines():
            if secret.search(line):
                assert builtin.match(line), line


@every_sample
def test_expansions_are_quoted(name: str) -> None:
    """Nothing of a variable is ever split into words or taken for a pattern."""
    for job, _ in jobs(LOADED[name]):
        for line in script(LOADED[name], job).splitlines():
            assert re.findall(r"(?:^|\s)\$[A-Za-z_{]\S*", re.sub(r"'[^']*'", "", line)) == [], line


def in_pipeline(job: dict[str, Any], *, branch: str | None, tag: str | None, source: str, protected: bool) -> bool:
    """Evaluate a job's rules as GitLab does, for the few forms that are generated."""
    facts = {
        "$CI_COMMIT_TAG": tag is not None,
        "$CI_COMMIT_BRANCH": branch is not None,
        "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH": branch == "main",
        '$CI_PIPELINE_SOURCE == "merge_request_event"': source == "merge_request_event",
        '$CI_COMMIT_REF_PROTECTED == "true"': protected,
        f"$CI_COMMIT_TAG =~ /^{RELEASE_TAG}$/": tag is not None and re.fullmatch(RELEASE_TAG, tag) is not None,
    }
    return any(all(facts[part] for part in rule["if"].split(" && ")) for rule in job["rules"])


KINDS = [
    {"branch": "main", "tag": None, "source": "push"},
    {"branch": "feature", "tag": None, "source": "push"},
    {"branch": None, "tag": None, "source": "merge_request_event"},
    {"branch": None, "tag": "v1.2.3", "source": "push"},
    {"branch": None, "tag": "nightly", "source": "push"},
    {"branch": "main", "tag": None, "source": "schedule"},
]


@every_sample
@pytest.mark.parametrize(("kind", "protected"), product(KINDS, [True, False]))
def test_no_job_needs_one_that_is_not_in_the_pipeline(name: str, kind: dict[str, Any], protected: bool) -> None:
    present = {job for job, body in jobs(LOADED[name]) if in_pipeline(body, **kind, protected=protected)}
    for job in present - {BUILD}:
        body = LOADED[name][job]
        needed = [need["job"] for need in body.get("needs", [])] + body.get("dependencies", [])
        assert needed == [BUILD]
        assert BUILD in present


@pytest.mark.parametrize(
    ("tags", "kind", "published"),
    [
        (("branch", "latest", "semver"), KINDS[0], True),
        (("branch", "latest", "semver"), KINDS[1], False),
        (("branch", "latest", "semver"), KINDS[3], True),
        (("branch", "latest", "semver"), KINDS[4], False),
        (("semver",), KINDS[0], False),
        (("latest",), KINDS[3], False),
        (("iid",), KINDS[4], True),
        (("iid",), KINDS[0], True),
        (("iid",), KINDS[1], False),
    ],
)
def test_the_chosen_tags_decide_when_to_publish(tags: Any, kind: dict[str, Any], published: bool) -> None:
    document = load(render_pipeline(Pipeline(tags=tags)))
    assert in_pipeline(document["registry-image-publish"], **kind, protected=False) is published


def test_without_tags_nothing_is_published() -> None:
    assert [name for name, _ in jobs(LOADED["no tags"])] == [BUILD, "registry-deploy-staging"]


def test_with_protection_jobs_on_other_refs_only_build() -> None:
    for name, job in jobs(LOADED["protected"]):
        present = in_pipeline(job, branch="main", tag=None, source="push", protected=False)
        assert present is (name == BUILD)
    assert "CI_COMMIT_REF_PROTECTED" in script(LOADED["protected"], BUILD)


def test_a_project_without_merge_request_pipelines_gets_none() -> None:
    assert "merge_request" not in RENDERED["branches and tags only"]


def test_manual_jobs_do_not_hold_the_pipeline_up() -> None:
    rules = LOADED["everything"]["registry-deploy-production"]["rules"]
    assert len(rules) == 2
    assert all(rule["when"] == "manual" and rule["allow_failure"] is True for rule in rules)


def test_waiting_for_stages_replaces_needs() -> None:
    for name, job in jobs(LOADED["by stage"]):
        assert "needs" not in job
        assert job.get("dependencies") == (None if name == BUILD else [BUILD])


def test_mirrors_are_named_by_target_and_counted() -> None:
    named = mirror_jobs((ECR, HARBOR, ECR, HARBOR))
    assert [job.job for job in named] == [
        "registry-mirror-ecr",
        "registry-mirror-harbor",
        "registry-mirror-ecr-2",
        "registry-mirror-harbor-2",
    ]
    assert (named[3].user, named[3].password) == ("MIRROR_HARBOR_2_USER", "MIRROR_HARBOR_2_PASS")


def test_client_daemon_and_builder_are_pinned_alike() -> None:
    job = LOADED["defaults"][BUILD]
    client, daemon = job["image"], job["services"][0]["name"]
    assert client.removesuffix("-cli") == daemon.removesuffix("-dind")
    assert job["services"][0]["alias"] == "docker"
    for image in images().jobs.values():
        assert re.search(r":[\w.-]*\d+\.\d+", image), f"{image} is not pinned"


def test_only_foreign_architectures_are_emulated() -> None:
    assert "binfmt" not in RENDERED["defaults"]
    assert LOADED["everything"][BUILD]["variables"]["REGISTRY_EMULATED"] == "arm64,arm"


def test_a_base_image_by_token_is_pulled_by_the_token_and_pushed_by_the_job() -> None:
    text = script(LOADED["base image by token"], BUILD)
    assert (
        text.index("PULL_PLATFORM_BASE_IMAGES_TOKEN")
        < text.index("type=oci,dest=")
        < text.index("CI_REGISTRY_PASSWORD")
    )
    assert "oci-archive:" in text
    assert "--push" not in text


def test_an_external_target_leaves_the_host_free_for_a_token() -> None:
    text = script(LOADED["external with a base image by token"], BUILD)
    assert "--push" in text
    assert "CI_REGISTRY_PASSWORD" not in text


def test_buildah_keeps_a_log_in_for_each_path() -> None:
    document = LOADED["buildah"]
    text = script(document, BUILD)
    assert '"$CI_REGISTRY/$REGISTRY_BASE_2"' in text
    # Paths in a registry are lower case.
    assert document[BUILD]["variables"]["REGISTRY_BASE_1"] == "platform/base-images"


@pytest.mark.parametrize(
    "pipeline",
    [
        Pipeline(base_tokens=(BASE, OTHER_BASE)),
        Pipeline(base_tokens=(BASE,), base_job_token=True),
        Pipeline(base_tokens=(BASE, OTHER_BASE), external_repository="team/app"),
        Pipeline(engine="kaniko", base_tokens=(BASE,)),
        Pipeline(engine="buildkit", base_tokens=(BASE,)),
    ],
)
def test_more_log_ins_than_the_engine_keeps_are_refused(pipeline: Pipeline) -> None:
    with pytest.raises(UsageError) as refused:
        render_pipeline(pipeline)
    assert refused.value.code == "one-login-per-host"
    assert BASE.project in refused.value.message


def test_a_variable_key_cannot_carry_a_command() -> None:
    with pytest.raises(ValueError, match="key"):
        BaseToken("a/b", "USER", 'X"; rm -rf /; "')


def test_pods_never_pull_by_the_jobs_own_token() -> None:
    for name in ("everything", "external"):
        text = script(LOADED[name], "registry-deploy-staging")
        assert "CI_JOB_TOKEN" not in text
        assert "CI_REGISTRY_PASSWORD" not in text
    assert "DOCKER_REGISTRY_PASS" in script(LOADED["external"], "registry-deploy-staging")


def test_an_environment_shows_in_gitlab_with_its_cluster() -> None:
    job = LOADED["everything"]["registry-deploy-staging"]
    assert job["environment"] == {
        "name": "staging",
        "url": "https://staging.example.com",
        "kubernetes": {"agent": "acme/agents:staging", "dashboard": {"namespace": "app-staging"}},
    }
    assert job["resource_group"] == "staging"
    assert "interruptible" not in job


WORDS = [
    "yes", "No", "y", "~", "null", "1_000", "1:20", "0x1f", "1e3", "{{x}}", "{%x%}", "$(id)",
    "`id`", "'", '"', "\\", "$HOME", "$$", "*a", "&a", "!a", "%a", "@a", "🚀",
]  # fmt: skip
nasty = st.one_of(
    st.text(min_size=1, max_size=30),
    st.sampled_from([*WORDS, "a: b", "a #b", "- x", "a\nb", "\ta", " a ", "\x85", "\u2028", "\ufeff"]),
)


@settings(max_examples=60, deadline=None)
@given(stage=nasty, tag=nasty, path=nasty, context=nasty, repository=nasty, url=nasty, name=nasty)
def test_any_text_comes_back_exactly_and_stays_out_of_scripts(
    stage: str, tag: str, path: str, context: str, repository: str, url: str, name: str
) -> None:
    """Given texts that mean something to YAML, jinja, GitLab or a shell, then they are values and nothing else."""
    environment = environment_with(name=name, url=url)
    pipeline = Pipeline(
        stages=Stages(stage, stage, stage, stage),
        runner_tags=(tag,),
        dockerfile=path,
        context=context,
        external_repository=repository,
        environments=(environment,),
        app_name=name,
    )
    document = load(render_pipeline(pipeline))
    build, deploy = document[BUILD], document[f"registry-deploy-{name}"]
    assert (build["stage"], document[".registry-base"]["tags"]) == (stage, [tag])
    variables = build["variables"] | document[".registry-base"]["variables"] | deploy["variables"]
    assert as_gitlab_expands(variables["REGISTRY_DOCKERFILE"]) == path
    assert as_gitlab_expands(variables["REGISTRY_CONTEXT"]) == context
    assert as_gitlab_expands(variables["REGISTRY_PATH"]) == repository
    assert as_gitlab_expands(variables["REGISTRY_DEPLOYMENT"]) == name
    assert (deploy["environment"]["name"], deploy["environment"]["url"]) == (name, url)
    plain = load(
        render_pipeline(replace(pipeline, environments=(STAGING,), app_name="app", dockerfile="d", context="."))
    )
    assert commands(document, BUILD, "script") == commands(plain, BUILD, "script")
    assert script(document, f"registry-deploy-{name}") == script(plain, "registry-deploy-staging")


def environment_with(*, name: str, url: str) -> Environment:
    """Make an environment past the checks of the answers, which would refuse these texts."""
    environment = replace(STAGING)
    object.__setattr__(environment, "name", name)
    object.__setattr__(environment, "url", url)
    return environment


def as_gitlab_expands(value: str) -> str:
    """Expand a variable's value with no variable set: `$$` is a dollar sign, a name is empty."""
    return re.sub(r"\$(\$|\w+|\{\w+\})", lambda found: "$" if found[1] == "$" else "", value)


def test_a_dollar_is_doubled_where_gitlab_expands() -> None:
    assert literal("robot$ci") == '"robot$$ci"'


def test_a_git_tag_is_a_release_or_is_not() -> None:
    accepted = ["1.2.3", "v1.2.3", "v1.2.3-rc.1", "10.20.30"]
    refused = ["1.2", "v1.2.3+build", "1.2.3.4", "x1.2.3", "nightly", "v1.2.3-"]
    assert [tag for tag in accepted + refused if re.fullmatch(RELEASE_TAG, tag)] == accepted
