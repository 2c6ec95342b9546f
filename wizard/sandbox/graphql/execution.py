"""Answering one query, with GitLab's limits."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib import resources
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    build_schema,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from wizard.sandbox.graphql.connections import connection
from wizard.sandbox.graphql.limits import Limits, Measure, limits_of
from wizard.sandbox.graphql.projects import Viewer, find_project, find_projects, show_project
from wizard.sandbox.identity import Identity
from wizard.sandbox.replies import not_simulated
from wizard.sandbox.roles import Role
from wizard.sandbox.world import World

READ_ONLY = "You cannot perform write operations on a read-only instance"
_NOT_OURS = ("Cannot query field", "Unknown argument", "Unknown type")
"""How graphql-core begins when the schema lacks something: the real GitLab may well have it."""


@dataclass(frozen=True, slots=True)
class Question:
    """One operation as it was sent."""

    query: str
    variables: dict[str, Any]
    operation_name: str | None

    def parsed(self) -> tuple[DocumentNode, OperationDefinitionNode]:
        """Return the document and the operation that is meant; GraphQLError when there is none."""
        if not self.query.strip():
            raise GraphQLError("No query string was present")
        document = parse(self.query)
        operation = get_operation_ast(document, self.operation_name)
        if operation is None:
            raise GraphQLError(
                f'No operation named "{self.operation_name}"'
                if self.operation_name
                else "An operation name is required"
            )
        return document, operation

    @property
    def changes(self) -> bool:
        """Whether this is a mutation."""
        try:
            return self.parsed()[1].operation is OperationType.MUTATION
        except GraphQLError:
            return False


@functools.cache
def served_schema() -> GraphQLSchema:
    """Return the schema of what is served."""
    text = resources.files("wizard.sandbox.graphql").joinpath("schema.graphql").read_text(encoding="utf-8")
    return build_schema(text)


def answer(world: World, identity: Identity, question: Question) -> dict[str, Any]:
    """Answer one question: `data`, `errors`, or both. Refuses with 501 what only the real GitLab could answer."""
    try:
        document, operation = question.parsed()
        if operation.operation is OperationType.MUTATION and world.state.instance.maintenance:
            raise GraphQLError(READ_ONLY)
        if operation.operation is not OperationType.QUERY:
            raise not_simulated(f"GraphQL operations of the kind {operation.operation.value}")
        _check(document)
        viewer = _viewer(world, identity, question, document, operation)
    except GraphQLError as error:
        return {"errors": [error.formatted]}
    result = execute_sync(
        served_schema(),
        document,
        root_value=_root(viewer),
        variable_values=question.variables,
        operation_name=question.operation_name,
    )
    return dict(result.formatted)


def _check(document: DocumentNode) -> None:
    errors = validate(served_schema(), document)
    for error in errors:
        if error.message.startswith(_NOT_OURS):
            raise not_simulated(f"this in GraphQL: {error.message}")
    if errors:
        raise errors[0]


def _viewer(
    world: World, identity: Identity, question: Question, document: DocumentNode, operation: OperationDefinitionNode
) -> Viewer:
    schema = served_schema()
    values = get_variable_values(schema, operation.variable_definitions or (), question.variables)
    if isinstance(values, list):
        raise values[0]
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    measure = Measure(fragments, values)
    root = schema.query_type
    assert root is not None  # noqa: S101 - the schema has one
    limits = _limits(identity)
    depth, score = (count(operation.selection_set, root) for count in (measure.depth, measure.complexity))
    if depth > limits.depth:
        raise GraphQLError(f"Query has depth of {depth}, which exceeds max depth of {limits.depth}")
    if score > limits.complexity:
        raise GraphQLError(f"Query has complexity of {score}, which exceeds max complexity of {limits.complexity}")
    return Viewer(world, identity, score, limits.complexity)


def _limits(identity: Identity) -> Limits:
    if identity.user is None:
        return limits_of(None)
    return limits_of(Role.ADMIN if identity.user.admin else Role.NONE)


def _root(viewer: Viewer) -> dict[str, object]:
    user, instance = viewer.identity.user, viewer.world.state.instance

    def project(_info: object, fullPath: str) -> object:  # noqa: N803 - GraphQL's name
        found = find_project(viewer, fullPath)
        return show_project(viewer, found) if found else None

    def projects(_info: object, **arguments: Any) -> object:
        return connection(find_projects(viewer, arguments), lambda one: show_project(viewer, one), arguments)

    known = user and {"id": f"gid://gitlab/User/{user.id}", "username": user.username, "name": user.name}
    version = {"version": instance.version, "revision": viewer.world.revision, "enterprise": instance.enterprise}
    return {
        "queryComplexity": {"score": viewer.score, "limit": viewer.limit},
        "currentUser": known,
        "metadata": version if user else None,
        "project": project,
        "projects": projects,
    }
