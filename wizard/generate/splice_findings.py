"""What a present `.gitlab-ci.yml` means for our jobs: what to know before they run beside others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from yaml.nodes import MappingNode, Node

from wizard.change import Notice
from wizard.generate.ci_document import BYTE_ORDER_MARK, CiDocument
from wizard.generate.ci_jobs import global_variables
from wizard.generate.ci_nodes import MERGE_TAG, line_of, lookup, pairs, scalars, text_of, walk, written
from wizard.generate.image_builds import image_builds
from wizard.generate.runner_tags import runner_tags
from wizard.generate.workflow_rules import Pipeline, possible_pipelines

_MERGE_REQUEST_WORKFLOW = "MergeRequest-Pipelines"
"""In the name of GitLab's workflow template that runs merge request pipelines."""


def findings(document: CiDocument) -> tuple[Notice, ...]:
    """Return everything worth a warning that does not stand in the way of the splice, in the order of the file."""
    return (
        *_byte_order_mark(document),
        *_duplicate_keys(document),
        *_workflow(document),
        *_predefined_variables(document),
        *_image_builds(document),
        *runner_tags(document).warnings,
    )


def has_merge_request_pipelines(document: CiDocument) -> bool:
    """Tell whether merge request pipelines run, as far as this file says so.

    Where none do, one job of ours with a rule for them would make a second, detached pipeline for every push.
    """
    if document.root is None:
        return False
    rules = _workflow_rules(document)
    if rules is not None and Pipeline.MERGE_REQUEST not in possible_pipelines(rules):
        return False
    words = ("merge_request_event", "merge_requests", _MERGE_REQUEST_WORKFLOW)
    return any(word in node.value for node in scalars(document.root) for word in words)


def taken_names(document: CiDocument, names: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Yield those of the names that are top-level keys of the file already, with the line."""
    for name in names:
        pair = written(document.root, name)
        if pair:
            yield name, line_of(pair[0])


def duplicate_keys(mapping: Node) -> Iterator[tuple[Node, Node]]:
    """Yield each key that stands twice in a mapping: the earlier and the later one."""
    first: dict[tuple[str, str], Node] = {}
    for key, _ in pairs(mapping):
        text = text_of(key)
        if text is None or key.tag == MERGE_TAG:
            continue
        earlier = first.setdefault((key.tag, text), key)
        if earlier is not key:
            yield earlier, key


def _byte_order_mark(document: CiDocument) -> Iterator[Notice]:
    if document.text.startswith(BYTE_ORDER_MARK):
        yield Notice(
            "byte-order-mark",
            "The file begins with a UTF-8 byte order mark, which GitLab may not accept.",
            "Save it as UTF-8 without a byte order mark.",
        )


def _duplicate_keys(document: CiDocument) -> Iterator[Notice]:
    for root in filter(None, (document.header, document.root)):
        for node in walk(root):
            if not isinstance(node, MappingNode):
                continue
            for earlier, later in duplicate_keys(node):
                yield Notice(
                    "duplicate-key",
                    f"Line {line_of(later)}: `{text_of(later)}` stands in line {line_of(earlier)} already; "
                    "GitLab keeps the last one only.",
                    "Remove one of the two.",
                )


def _workflow_rules(document: CiDocument) -> Node | None:
    return lookup(lookup(document.root, "workflow"), "rules")


def _workflow(document: CiDocument) -> Iterator[Notice]:
    rules = _workflow_rules(document)
    if rules is None:
        return
    possible = possible_pipelines(rules)
    missing = [kind for kind in (Pipeline.DEFAULT_BRANCH, Pipeline.TAG) if kind not in possible]
    if not missing:
        return
    without = {Pipeline.DEFAULT_BRANCH: "workflow-without-branches", Pipeline.TAG: "workflow-without-tags"}
    code = without[missing[0]] if len(missing) == 1 else "workflow-never-runs"
    kinds = " or ".join(kind.value for kind in missing)
    yield Notice(
        code,
        f"Line {line_of(rules)}: `workflow: rules` let no pipeline run for {kinds}, so our jobs do not run then.",
        "Add rules for these pipelines to `workflow` if images are to be published from them.",
    )


def _predefined_variables(document: CiDocument) -> Iterator[Notice]:
    for key, _ in global_variables(document):
        name = text_of(key) or ""
        if name.startswith("CI_"):
            yield Notice(
                "predefined-variable",
                f"Line {line_of(key)}: `{name}` is set for all jobs, and GitLab's own variables begin with `CI_`.",
                "Our jobs do not inherit it and see GitLab's value; give the variable another name.",
            )


def _image_builds(document: CiDocument) -> Iterator[Notice]:
    for build in image_builds(document):
        yield Notice(
            "image-build-present",
            f"Line {build.line}: the job `{build.job.name}` builds an image already ({build.tool}).",
            "Remove that job once ours does its work, or the image is built twice.",
        )
