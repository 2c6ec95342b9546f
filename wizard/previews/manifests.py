"""The manifests that the answers give."""

from __future__ import annotations

from dataclasses import replace

from wizard.complete import effective_build
from wizard.errors import WizardError
from wizard.planning.files import kubernetes_files
from wizard.preview import FileText, Preview
from wizard.previews.answers import answers_so_far
from wizard.question import Known

_TITLE = "The manifests"


def manifests(known: Known) -> Preview | None:
    """Return the files below `k8s/`; None where nothing is deployed."""
    state = known.state
    if state is None or known.draft.get("deploy") is None:
        return None
    if known.draft.get("deploy.kubernetes.workloads"):
        # What was answered about written manifests before is not asked for any more.
        known = replace(known, draft=known.draft.put("deploy.kubernetes.app", None))
    answers = answers_so_far(known, "project", "registry", "build", "deploy")
    if answers is None or answers.deploy is None:
        return Preview(_TITLE, ("They are shown here once there is an environment to deploy to.",))
    try:
        files = kubernetes_files(answers, effective_build(answers, state.repository.detection), state)
    except WizardError as error:
        return Preview(_TITLE, (f"They cannot be written: {error.message}",))
    deployment_first = sorted(files, key=lambda file: (not file.path.endswith("/deployment.yaml"), file.path))
    return Preview(_TITLE, tuple(FileText(file.path, file.content.decode()) for file in deployment_first))
