"""Pages of GraphQL: connections with nodes, edges and cursors (`doc/development/graphql_guide/pagination`)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from graphql import GraphQLError

from wizard.sandbox.graphql.limits import PAGE_SIZE

Item = TypeVar("Item")


def connection(
    items: Sequence[Item], show: Callable[[Item], object], arguments: dict[str, Any], **more: object
) -> dict[str, object]:
    """Return one page of items; a page has at most 100, whatever was asked for. `more`: fields of this connection."""
    start = _position(arguments.get("after"), -1) + 1
    end = _position(arguments.get("before"), len(items))
    first, last = (_size(arguments.get(name), name) for name in ("first", "last"))
    low, high = max(start, 0), min(end, len(items))
    if last is not None and first is None:
        low = max(low, high - last)
    else:
        high = min(high, low + (PAGE_SIZE if first is None else first))
        low = low if last is None else max(low, high - last)
    nodes = [show(item) for item in items[low:high]]
    cursors = [_cursor(low + place) for place in range(len(nodes))]
    return {
        "count": len(items),
        "nodes": nodes,
        "edges": [{"cursor": cursor, "node": node} for cursor, node in zip(cursors, nodes, strict=True)],
        "pageInfo": {
            "hasNextPage": high < len(items),
            "hasPreviousPage": low > 0,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
        **more,
    }


def _size(given: int | None, name: str) -> int | None:
    if given is not None and given < 0:
        raise GraphQLError(f"`{name}` must be zero or more")
    return None if given is None else min(given, PAGE_SIZE)


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(json.dumps({"place": place}).encode()).decode().rstrip("=")


def _position(cursor: str | None, without: int) -> int:
    if cursor is None:
        return without
    try:
        return int(json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))["place"])
    except (ValueError, KeyError, TypeError):
        raise GraphQLError("Please provide a valid cursor") from None
