"""The rules that keep the house readable: sizes, the wall between core and front ends, no stray print."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = sorted(path for folder in ("wizard", "screens", "assets") for path in (ROOT / folder).rglob("*.py"))
CORE = sorted(
    str(path.relative_to(ROOT).with_suffix("")).replace("/", ".").removesuffix(".__init__")
    for path in (ROOT / "wizard").rglob("*.py")
    if path.name != "__main__.py"
)
EVERYTHING = sorted([*PRODUCT, *(ROOT / "tests").rglob("*.py")])
MOST_FILE, MOST_CLASS, MOST_FUNCTION = 400, 200, 50


def _length(node: ast.AST) -> int:
    return (getattr(node, "end_lineno", 0) or 0) - getattr(node, "lineno", 0) + 1


def test_no_file_class_or_function_outgrows_its_limit() -> None:
    too_long = []
    for path in EVERYTHING:
        text = path.read_text(encoding="utf-8")
        if len(text.splitlines()) > MOST_FILE:
            too_long.append(f"{path}: {len(text.splitlines())} lines")
        for node in ast.walk(ast.parse(text)):
            limit = MOST_CLASS if isinstance(node, ast.ClassDef) else MOST_FUNCTION
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and _length(node) > limit:
                too_long.append(f"{path}:{node.lineno} {node.name}: {_length(node)} lines")
    assert too_long == []


def test_the_core_imports_no_front_end() -> None:
    """Static contracts cannot see whether an import is deferred; a fresh interpreter can."""
    program = (
        "import importlib, sys\n"
        f"for name in {CORE!r}: importlib.import_module(name)\n"
        "front = {'textual', 'questionary', 'prompt_toolkit', 'rich', 'screens'}\n"
        "sys.exit(' '.join(sorted(front & set(sys.modules))) or None)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
    assert done.returncode == 0


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX", "NotImplementedError"])
def test_nothing_is_left_open(word: str) -> None:
    assert [str(path) for path in PRODUCT if word in path.read_text(encoding="utf-8")] == []


def test_only_the_console_prints() -> None:
    printing = [
        str(path.relative_to(ROOT))
        for path in PRODUCT
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"print", "input"}
    ]
    assert set(printing) <= {"wizard/output/console.py", "wizard/prompts.py", "wizard/asking.py"}


def test_no_front_end_is_paid_for_by_the_version() -> None:
    program = "import sys; sys.argv = ['registry-wizard', '--version']\nfrom wizard.__main__ import main\nmain()"
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    heavy = [
        name for name in ("textual", "gitlab", "pydantic", "keyring", "questionary") if f" {name}\n" in done.stderr
    ]
    assert heavy == []
