"""The review of five hundred changes, in the terminal that this is started in."""

from __future__ import annotations

from tests.screens.fakes import DIFF, FakeBackend, plan_of
from tests.screens.test_review import reviewing
from wizard.change import Change

COUNT = 500


def change(number: int) -> Change:
    path = f"k8s/overlays/environment-{number}/kustomization.yaml"
    return Change(
        f"file:{path}", "file", "create", path, f"overlay {number}: the environment", diff=DIFF * 5, step="deploy"
    )


if __name__ == "__main__":
    reviewing(FakeBackend(planned=plan_of(*(change(number) for number in range(COUNT))))).run()
