"""What every test shares: no stray environment, and in CI no silent skip."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.real import summary

_ALLOWED_SKIPS = ("OpenAPI contract", "KUBEBIN")
"""Reasons for which a test may be skipped in CI, by a word of theirs."""

_ENGINE = "tests/real/run/"
_STRAY = ("NO_COLOR", "FORCE_COLOR", "ACCESSIBLE", "TEXTUAL_THEME", "COLUMNS", "LINES")
_PREFIXES = ("GITLAB_", "CI_", "GLAB_", "REGISTRY_WIZARD_", "PYTHON_GITLAB_")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No token, host or colour of the developer's machine decides a test, and no test writes outside its folders."""
    for name in list(os.environ):
        if name in _STRAY or name.startswith(_PREFIXES):
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep the tests of a file in one process, and all that need the Docker engine, so that it is started once."""
    from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]  # noqa: PLC0415  # as this is called

    class WithEngineTogether(LoadFileScheduling):  # type: ignore[misc]  # it has no types
        def _split_scope(self, nodeid: str) -> str:
            return _ENGINE if nodeid.startswith(_ENGINE) else str(super()._split_scope(nodeid))

    return WithEngineTogether(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """With -n auto: half as many again as there are processors; a test of the screens waits a quarter of its time."""
    processors = len(os.sched_getaffinity(0))
    return processors + processors // 2


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for the tests that take long."""
    parser.addoption(
        "--thorough", action="store_true", default=bool(os.environ.get("CI")), help="also run what is marked thorough"
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes long, unless it is asked for: by the option, or by naming a folder, a file or a test."""
    everything = config.args == config.getini("testpaths") and not config.getoption("-k")
    if config.getoption("--thorough") or not everything:
        return
    long = {item for item in items if item.get_closest_marker("thorough")}
    config.hook.pytest_deselected(items=list(long))
    summary.tell(f"left out: {len(long)} tests that take long; --thorough runs them, too")
    items[:] = [item for item in items if item not in long]


def pytest_collection_finish() -> None:
    """Keep the tests themselves, which live to the end, out of the search for garbage: a fifth of the screens' time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what tests of real programs told: sizes, versions, and which part stood in for which."""
    for line in summary.lines():
        terminalreporter.write_line(line)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what was told in another process (pytest-xdist)."""
    for line in getattr(node, "workeroutput", {}).get("told", ()):
        summary.tell(line)


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """In CI a skip is a failure, but for the allowed ones."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["told"] = list(summary.lines())
    yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("CI") or reporter is None:
        return
    unexpected = [
        report
        for report in reporter.stats.get("skipped", [])
        if not any(word in str(report.longrepr) for word in _ALLOWED_SKIPS)
    ]
    for report in unexpected:
        reporter.write_line(f"skipped in CI: {report.nodeid}: {report.longrepr[2]}", red=True)
    if unexpected and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
