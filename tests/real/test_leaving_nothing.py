"""What the runner of the tests writes outside a test's own folder goes with it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.real.environments import OUTSIDE
from tests.real.programs import gitlab_ci_local, needs

pytestmark = pytest.mark.real
OUT_OF_REACH = Path("/tmp")  # noqa: S108  # written into the program
PIPELINE = """\
one: {script: ['cat "$CREDENTIALS"'], environment: x}
never: {script: [a], environment: y, rules: [{if: $NOTHING}]}
"""


@needs(["git"])
def test_file_variables_of_jobs_that_are_only_read_are_removed(tmp_path: Path) -> None:
    (tmp_path / ".gitlab-ci.yml").write_text(PIPELINE)
    marker = str(tmp_path)
    variables = tmp_path / "variables.yml"
    variables.write_text(f'CREDENTIALS: {{type: file, values: {{"*": "{marker}"}}}}\n')
    for command in (
        ("git", "init", "--quiet", "--initial-branch=main"),
        ("git", "remote", "add", "origin", "git@gitlab.example.com:acme/team/app.git"),
        (
            "git",
            "-c",
            "user.name=T",
            "-c",
            "user.email=t@x",
            "commit",
            "--allow-empty",
            "--quiet",
            "--message",
            "First",
        ),
    ):
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    done = subprocess.run(
        [*gitlab_ci_local(), "--variables-file", str(variables), "--json-schema-validation=false", "one"],
        cwd=tmp_path,
        env={**OUTSIDE, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"one > {marker}" in done.stdout
    written = OUT_OF_REACH.glob("gitlab-ci-local-file-variables-*/CREDENTIALS")
    assert [str(file) for file in written if _text(file) == marker] == []


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except FileNotFoundError:  # of a test beside this one, gone by now
        return ""
