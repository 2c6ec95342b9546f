"""How much a query may ask (`doc/api/graphql` limits; `Types::BaseField` and `Resolvers::BaseResolver` count)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLObjectType,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
)
from graphql.execution.values import VariableValues, get_argument_values

from wizard.sandbox.roles import Role

LONGEST_QUERY = 10_000
PAGE_SIZE = 100
SHARE_OF_AN_ITEM = 0.01
"""What every item of a page adds to the complexity of its field."""
_OF_SEARCH, _OF_SORT = 5, 1
_INTROSPECTION = "__"


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one caller may ask in one query."""

    complexity: int
    depth: int


def limits_of(level: Role | None) -> Limits:
    """Return the limits for nobody (None), somebody, and an administrator."""
    if level is None:
        return Limits(200, 15)
    return Limits(300 if level >= Role.ADMIN else 250, 20)


@dataclass(frozen=True, slots=True)
class Measure:
    """Counts one operation, which must be valid."""

    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues

    def complexity(self, selected: SelectionSetNode | None, parent: GraphQLObjectType) -> int:
        """Add up what each field costs: one, and for a connection one percent more for every item of its page."""
        return sum(self._cost(node, of) for node, of in self._fields(selected, parent))

    def depth(self, selected: SelectionSetNode | None, parent: GraphQLObjectType) -> int:
        """Count the fields on the longest way down."""
        below = (1 + self.depth(node.selection_set, _object(self._field(node, of))) for node, of in
                 self._fields(selected, parent))  # fmt: skip
        return max(below, default=0)

    def _cost(self, node: FieldNode, parent: GraphQLObjectType) -> int:
        field = self._field(node, parent)
        below = _object(field)
        cost = 1 + self.complexity(node.selection_set, below)
        if field is None or not below.name.endswith("Connection"):
            return cost
        given = get_argument_values(field, node, self.variables)
        cost += _OF_SEARCH * bool(given.get("search")) + _OF_SORT * bool(given.get("sort"))
        size = min([PAGE_SIZE, *(given[name] for name in ("first", "last") if given.get(name) is not None)])
        return int(cost + cost * size * SHARE_OF_AN_ITEM)

    def _field(self, node: FieldNode, parent: GraphQLObjectType) -> GraphQLField | None:
        found: GraphQLField | None = parent.fields.get(node.name.value)
        return found

    def _fields(
        self, selected: SelectionSetNode | None, parent: GraphQLObjectType, seen: set[str] | None = None
    ) -> Iterator[tuple[FieldNode, GraphQLObjectType]]:
        """Walk the fields that are selected; a fragment counts once, however often it is spread here."""
        seen = set() if seen is None else seen
        for node in selected.selections if selected else ():
            if isinstance(node, FieldNode):
                if not node.name.value.startswith(_INTROSPECTION):
                    yield node, parent
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                yield from self._fields(self.fragments[node.name.value].selection_set, parent, seen)
            elif isinstance(node, InlineFragmentNode):
                yield from self._fields(node.selection_set, parent, seen)


_NOTHING = GraphQLObjectType("Nothing", {})


def _object(field: GraphQLField | None) -> GraphQLObjectType:
    """Return the type that a field leads to; below a scalar there is nothing."""
    named = get_named_type(field.type) if field is not None else None
    return named if isinstance(named, GraphQLObjectType) else _NOTHING
