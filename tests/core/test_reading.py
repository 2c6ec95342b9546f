"""Reads side by side: all of them, the first failure, and none of them once nobody waits any more."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from tests.core.live import NoWait
from wizard.errors import WizardError
from wizard.gateways.gitlab import PassingError
from wizard.reading import Reader


def test_all_reads_are_answered_by_name() -> None:
    assert Reader().together({str(number): partial(int, number) for number in range(30)}) == {
        str(number): number for number in range(30)
    }
    assert Reader().together({}) == {}


def test_the_first_failure_in_order_is_raised_when_all_have_ended() -> None:
    ended: list[str] = []

    def fail(name: str) -> None:
        ended.append(name)
        raise WizardError(name, name)

    with pytest.raises(WizardError) as raised:
        Reader().together({name: partial(fail, name) for name in "abc"})
    assert raised.value.code == "a"
    assert sorted(ended) == ["a", "b", "c"]


def test_reads_are_given_up_once_nobody_waits_for_them() -> None:
    """A silent server holds nobody back: the read itself goes on in its thread, which no one waits for."""
    leaving, answer = threading.Event(), threading.Event()

    def silent() -> None:
        leaving.set()
        answer.wait(60)

    with pytest.raises(WizardError) as raised:
        Reader(stop=leaving).together({"silent": silent})
    answer.set()
    assert raised.value.code == "stopped"


def test_a_wait_longer_than_five_minutes_is_not_begun() -> None:
    def busy() -> None:
        raise PassingError("gitlab-busy", "HTTP 429", "run again later", status=429, seconds=3600)

    stop = NoWait()
    with pytest.raises(PassingError):
        Reader(stop=stop).together({"busy": busy})
    assert stop.waits == []
