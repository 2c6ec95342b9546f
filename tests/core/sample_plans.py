"""A plan with one change of every shape, for the tests of what is printed."""

from __future__ import annotations

from wizard.change import UNKNOWN, Blocked, Change, Check, Conflict, Notice, Plan

ESCAPE = "\x1b]0;owned\x07"
DIFF = "--- a/.gitlab-ci.yml\n+++ b/.gitlab-ci.yml\n@@ -1 +1,2 @@\n stages: [test]\n+include: x\n"
PLAN = Plan(
    project="acme/team/app",
    project_id=10,
    url="https://gitlab.example.com",
    changes=(
        Change("registry:acme/team/app", "registry", "unchanged", "acme/team/app", "container registry: on"),
        Change(
            "cleanup-policy:acme/team/app", "cleanup-policy", "update", "acme/team/app", "cleanup policy: every 7d",
            before={"cadence": "1d", "keep_n": 10}, after={"cadence": "7d", "keep_n": 10},
        ),
        Change(
            "job-token-allowlist:acme/team/app@acme/base", "job-token-allowlist", "create", "acme/base",
            "acme/team/app may pull from acme/base", after={"target_project_id": 10},
            blocked=Blocked("maintainer", "acme/base"), expects={"project_id": 11},
        ),
        Change(
            "variable:PASS@*", "variable", "create", "acme/team/app", f"variable PASS{ESCAPE}",
            after={"key": "PASS", "value": "(sensitive)", "masked": True}, inputs={"value": "env:PASS"},
            needs=("registry:acme/team/app",),
        ),
        Change("variable:OLD@*", "variable", "delete", "acme/team/app", "variable OLD", before=UNKNOWN),
        Change(
            "file:.gitlab-ci.yml", "file", "update", ".gitlab-ci.yml", "include the jobs", diff=DIFF,
            inputs={"content": "stages: [test]\ninclude: x\n"},
            conflict=Conflict("edited", "it was edited", "To replace it: --overwrite .gitlab-ci.yml"),
        ),
    ),
    warnings=(Notice("role-too-low", "1 change needs the role maintainer", "Ask somebody"),),
    checks=(Check("pull:acme/base", "gitlab-grant", "acme/base", repository="acme/base/python"),),
    secrets=("env:PASS",),
)  # fmt: skip
