"""What the `.gitlab-ci.yml` that is there tells about its runners; for advice, never for a change."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

from wizard.generate.ci_document import NotEditableError
from wizard.generate.ci_reader import read
from wizard.generate.engine_evidence import EngineEvidence, engine_evidence
from wizard.generate.runner_tags import RunnerTags, runner_tags


@dataclass(frozen=True, slots=True)
class PresentPipeline:
    """A pipeline as far as this one file tells."""

    tags: RunnerTags = field(default_factory=RunnerTags)
    engines: tuple[EngineEvidence, ...] = ()
    """Jobs whose runner is known to bear a build engine."""


@functools.lru_cache(maxsize=4)
def present_pipeline(content: bytes | None) -> PresentPipeline:
    """Read the file; one that cannot be read tells nothing here (the plan says why).

    Defaults of questions depend on it, and these are worked out at every key press: the same bytes are read once.
    """
    try:
        document = read((content or b"").decode("utf-8"))
    except (UnicodeDecodeError, NotEditableError):
        return PresentPipeline()
    return PresentPipeline(runner_tags(document), engine_evidence(document))
