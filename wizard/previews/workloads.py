"""What an overlay would add to a workload of the repository's own manifests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wizard import layout
from wizard.generate.kubernetes import dump
from wizard.generate.manifests import Workload
from wizard.generate.workload_overlay import patch
from wizard.preview import FileText, Preview
from wizard.question import Known

_TITLE = "What is added to the manifest"


def added_to_workload(known: Known) -> Preview | None:
    """Return the patch of the workload under the cursor; None where there is none, or its manifest does not show it."""
    item = known.item
    workload = found_workload(item, known)
    container = (
        next((each for each in workload.containers if each.name == item.get("container")), None) if workload else None
    )
    if workload is None or container is None:
        return None
    secret = str(known.draft.get("deploy.kubernetes.pull_secret.name") or "gitlab-registry")
    text = dump(patch(workload, secret))
    head = (
        f"{workload.kind} {workload.name} in {workload.place}: the container {container.name} runs {container.image}."
    )
    after = (
        f"The file stays as it is. The deploy job puts the image of its own pipeline into {container.name}, by digest, "
        "and the pull secret is added:"
    )
    path = f"{layout.adopting_overlay('ENVIRONMENT')}/{layout.patch(workload.kind, workload.name)}"
    return Preview(_TITLE, (head, after, FileText(path, text)), head)


def found_workload(item: Mapping[str, Any], known: Known) -> Workload | None:
    """Return the workload that an item of the answers names, as it was found in the repository."""
    found = known.state.repository.detection.workloads if known.state else ()
    wanted = (item.get("file"), item.get("kind", "Deployment"), item.get("name"))
    return next((each for each in found if (each.path, each.kind, each.name) == wanted), None)
