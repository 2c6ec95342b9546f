"""The script of one generated job, run by a POSIX shell with the variables that GitLab gives the job."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.core.generated_pipelines import load, script
from tests.real.run.company import Job
from wizard import layout

_STAND_INS = Path(__file__).with_name("stand_ins")


def run_script(
    repo: Path,
    name: str,
    job: Job,
    home: Path,
    *,
    stand_ins: Sequence[str] = ("apk",),
    insecure: Sequence[str] = (),
    **more: str,
) -> subprocess.CompletedProcess[str]:
    """Run before_script and script of a job in one shell, as a runner does, without a container around it.

    `home` is the user's own folder: what lies in its `bin` is found first. `insecure` registries speak plain http.
    `more` are variables over those of the job: GitLab's over those of the pipeline's file.
    """
    document = load((repo / layout.PIPELINE).read_text(encoding="utf-8"))
    own = {**document[".registry-base"].get("variables", {}), **document[name].get("variables", {})}
    _prepare(home, stand_ins, insecure)
    environment = {
        **{key: str(value) for key, value in own.items()},
        **{key: value for key, value in job.variables.items() if key not in job.files},
        **{"PATH": f"{home / 'bin'}:{os.environ['PATH']}", "HOME": str(home), "TMPDIR": str(home / "tmp")},
        **more,
    }
    return subprocess.run(
        ["busybox", "sh"],
        input=script(document, name),
        env=environment,
        cwd=repo,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def _prepare(home: Path, stand_ins: Sequence[str], insecure: Sequence[str]) -> None:
    programs, settings = home / "bin", home / ".config" / "containers"
    for folder in (programs, settings, home / "tmp"):
        folder.mkdir(parents=True, exist_ok=True)
    for name in stand_ins:
        (programs / name).write_bytes((_STAND_INS / name).read_bytes())
        (programs / name).chmod(0o755)
    plain = "".join(f'[[registry]]\nlocation = "{address}"\ninsecure = true\n' for address in insecure)
    (settings / "registries.conf").write_text(plain, encoding="utf-8")
