"""Every question that the program asks, once, as data: one module per step."""

from __future__ import annotations

from wizard.question import Step
from wizard.questions import (
    build,
    delivery,
    deploy,
    mirror,
    other_registries,
    project,
    registry,
    shared_images,
    variables,
)

STEPS: tuple[Step, ...] = (
    project.STEP,
    registry.STEP,
    shared_images.STEP,
    other_registries.STEP,
    build.STEP,
    deploy.STEP,
    mirror.STEP,
    variables.STEP,
    delivery.STEP,
)
"""In the order in which they are asked."""
