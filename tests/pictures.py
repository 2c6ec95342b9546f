"""Makes the pictures of the README from the real program on the demo: `python -m tests.pictures`.

Each page of one whole run becomes a frame. Some frames are pictures of their own, all together are the recording. What
differs from run to run (ports, the name of the demo's folder) is made the same, and no picture asks another machine for
a font.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from screens.confirm import ConfirmScreen
from screens.result import ResultScreen
from screens.review import ReviewScreen
from screens.step import StepScreen
from tests.screens.demo_run import demo_run
from tests.screens.harness import settle, text_of

FOLDER = Path(__file__).parents[1] / "assets" / "screenshots"
SIZE = (110, 30)
SECONDS = 2.5
"""How long the recording shows one page."""
_FONT_FACE = re.compile(r"@font-face\s*\{.*?\}", re.DOTALL)
_FONTS = "Fira Code, ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace"
_PORT = re.compile(r"(?<=127\.0\.0\.1:)\d{5}")
_DEMO = re.compile(r"registry-wizard-demo-\w{8}")


def main() -> None:
    """Run the demo once and write every picture."""
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(HOME=home, XDG_STATE_HOME=home, XDG_CONFIG_HOME=home)
        for name in ("NO_COLOR", "TEXTUAL_THEME"):
            os.environ.pop(name, None)
        frames = asyncio.run(_run(Path(home)))
    FOLDER.mkdir(exist_ok=True)
    for name in ("registry", "review", "result"):
        _write(name, dict(frames)[name])
    _write("recording", recording([picture for _, picture in frames]))


async def _run(folder: Path) -> list[tuple[str, str]]:
    """Go through the wizard as a newcomer would; return each page with its name."""
    frames: list[tuple[str, str]] = []
    with demo_run(folder) as run:
        async with run.app.run_test(size=SIZE) as pilot:

            async def press(*keys: str) -> None:
                for key in keys:
                    await pilot.press(key)
                    await settle(pilot)

            await settle(pilot)
            frames.append(_frame("connect", pilot))
            await press("enter")
            frames.append(_frame("project", pilot))
            await press("enter")
            while isinstance(run.app.screen, StepScreen):
                frames.append(_frame(run.app._journey.here.removeprefix("step:"), pilot))
                await press("ctrl+n")
            assert isinstance(run.app.screen, ReviewScreen)
            frames.append(_frame("plan", pilot))
            while "@@" not in text_of(run.app):
                await press("down")
            frames.append(_frame("review", pilot))
            await press("enter")
            assert isinstance(run.app.screen, ConfirmScreen)
            frames.append(_frame("confirm", pilot))
            await press("y")
            assert isinstance(run.app.screen, ResultScreen)
            frames.append(_frame("result", pilot))
            await press("enter")
    return frames


def _frame(name: str, pilot: Pilot[Any]) -> tuple[str, str]:
    sys.stderr.write(f"{name}\n")
    return name, still(pilot.app.export_screenshot(title="registry-wizard --demo"), name)


def still(svg: str, name: str) -> str:
    """Return a picture that is the same in every run and asks nobody for a font."""
    svg = _FONT_FACE.sub("", svg).replace("Fira Code", _FONTS)
    ports = {port: f"5{number:04}" for number, port in enumerate(dict.fromkeys(_PORT.findall(svg)), 1)}
    svg = _DEMO.sub("registry-wizard-demo-12345678", _PORT.sub(lambda found: ports[found[0]], svg))
    return re.sub(r"terminal-(?:\d+|[0-9a-f]+)(?=-)", f"terminal-{name}", svg)


def recording(frames: Sequence[str]) -> str:
    """Return one picture that shows the frames one after the other, for ever."""
    head = re.match(r"<svg[^>]*viewBox=\"([^\"]+)\"", frames[0])
    assert head, frames[0][:200]
    whole = len(frames) * SECONDS
    parts = []
    for number, frame in enumerate(frames):
        inner = frame[frame.index(">") + 1 : frame.rindex("</svg>")]
        marks = [(0, "hidden"), (number, "visible"), (number + 1, "hidden")]
        marks = [mark for mark in marks if mark[0] < len(frames) and (number or mark != (0, "hidden"))]
        times = ";".join(f"{at / len(frames):.4f}" for at, _ in marks)
        shown = [value for _, value in marks]
        parts.append(
            f'<g visibility="{"visible" if number == 0 else "hidden"}">{inner}'
            f'<animate attributeName="visibility" calcMode="discrete" dur="{whole}s" repeatCount="indefinite" '
            f'keyTimes="{times}" values="{";".join(shown)}"/></g>'
        )
    return f'<svg viewBox="{head[1]}" xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'


def _write(name: str, svg: str) -> None:
    elsewhere = re.findall(r"(?:url\(|href=)[\"']?(https?:[^\"')]+)", svg)
    assert not elsewhere, elsewhere
    assert "glpat-" not in svg
    (FOLDER / f"{name}.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
