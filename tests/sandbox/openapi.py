"""Exchanges of request and answer, held against an OpenAPI document (Swagger 2.0) that somebody else wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft4Validator, FormatChecker

Schema = dict[str, Any]
_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date-time")
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or re.match(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}|$)", value) is not None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer; paths and queries as they were sent."""

    method: str
    path: str
    query: str
    body: bytes
    status: int
    answer: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path of the document."""

    method: str
    rule: str
    described: Mapping[str, Any]

    @property
    def title(self) -> str:
        return f"{self.method} {self.rule.removeprefix('/api/v4')}"

    def parameters(self, place: str) -> dict[str, Mapping[str, Any]]:
        return {found["name"]: found for found in self.described.get("parameters", []) if found["in"] == place}


class Document:
    """The document, ready to check exchanges.

    Two of its habits are read by their meaning. It cannot say that a value may be null: each property of an answer may,
    and each parameter that is not required (Grape takes it for absent). And its generator writes `{"type": "string"}`,
    without example, format or enum, for a field of which GitLab's source does not say the type: that means any type.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._definitions: dict[str, Schema] = document["definitions"]
        self._operations = [
            (
                re.compile("/".join(_segment(part) for part in rule.split("/"))),
                Operation(method.upper(), rule, described),
            )
            for rule, methods in document["paths"].items()
            for method, described in methods.items()
        ]
        self._answers = {name: self._answer(schema) for name, schema in self._definitions.items()}

    def operation(self, exchange: Exchange) -> Operation | None:
        """Find what the document says of a call; a written segment counts before a variable one."""
        found = [
            one for rule, one in self._operations if one.method == exchange.method and rule.fullmatch(exchange.path)
        ]
        return min(found, key=lambda one: one.rule.count("{"), default=None)

    def request_problems(self, exchange: Exchange, ignored: Collection[tuple[str, str]] = ()) -> list[str]:
        """Say what a request gets wrong; `ignored` parameters (call and name) are known to be read by nobody."""
        operation = self.operation(exchange)
        if operation is None:
            return ["the document has no such call"]
        return [
            *_path_problems(operation, exchange.path),
            *_query_problems(operation, exchange.query, ignored),
            *self._body_problems(operation, exchange.body),
        ]

    def answer_problems(self, exchange: Exchange) -> list[str]:
        """Say what an answer gets wrong; of a refusal only its status is described."""
        operation = self.operation(exchange)
        if operation is None:
            return ["the document has no such call"]
        described = operation.described["responses"].get(str(exchange.status))
        if described is None:
            return [f"the status {exchange.status} is not described"]
        return [] if exchange.status >= 400 else self._said_problems(described.get("schema"), exchange.answer)

    def _said_problems(self, schema: Schema | None, answer: str) -> list[str]:
        if schema is None:
            return ["a body is not described"] if answer else []
        if schema.get("type") == "file":
            return []
        if not answer:
            return ["the body is missing"]
        try:
            said = json.loads(answer)
        except ValueError:
            return ["the body is not JSON"]
        return list(_violations(self._whole(self._answer(schema)), said))

    def _body_problems(self, operation: Operation, body: bytes) -> Iterator[str]:
        described = next(iter(operation.parameters("body").values()), None)
        if described is None:
            if body:
                yield "a body is not described"
            return
        if not body:
            if described.get("required"):
                yield "the body is missing"
            return
        yield from _violations(self._whole(self._request(described["schema"])), json.loads(body))

    def _whole(self, schema: Schema) -> Schema:
        return {**schema, "definitions": self._answers}

    def _answer(self, schema: Schema) -> Schema:
        if "$ref" in schema:
            return {"$ref": schema["$ref"]}
        made: Schema = {}
        if schema.get("type") == "object" and schema.get("properties"):
            made["additionalProperties"] = False
            made["properties"] = {name: self._nullable(value) for name, value in schema["properties"].items()}
        if "items" in schema:
            made["items"] = self._answer(schema["items"])
        return made | {name: schema[name] for name in ("type", "format", "enum", "required") if name in schema}

    def _nullable(self, schema: Schema) -> Schema:
        if set(schema) <= {"type", "description"} and schema.get("type") == "string":
            return {}
        if schema.get("$ref", "").removeprefix("#/definitions/") not in {"", *self._definitions}:
            return {}
        return _or_null(self._answer(schema))

    def _request(self, schema: Schema) -> Schema:
        if "$ref" in schema:
            return self._request(self._definitions[schema["$ref"].rpartition("/")[2]])
        made: Schema = {name: schema[name] for name in ("type", "format", "enum", "required") if name in schema}
        if schema.get("properties"):
            made["additionalProperties"] = False
            made["properties"] = {
                name: self._request(value) if name in made.get("required", ()) else _or_null(self._request(value))
                for name, value in schema["properties"].items()
            }
        if "items" in schema:
            made["items"] = self._request(schema["items"])
        return made


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _segment(part: str) -> str:
    return "[^/]+" if part.startswith("{") else re.escape(part)


def _violations(schema: Schema, instance: Any) -> Iterator[str]:
    for error in Draft4Validator(schema, format_checker=_FORMATS).iter_errors(instance):
        while error.context:
            error = min(error.context, key=lambda one: one.validator_value == "null")  # noqa: PLW2901  # one step deeper
        where = "".join(f".{part}" if isinstance(part, str) else "[]" for part in error.absolute_path)
        yield f"{where or 'the body'}: {error.message[:160]}"


def _path_problems(operation: Operation, path: str) -> Iterator[str]:
    described = operation.parameters("path")
    for name, value in zip(operation.rule.split("/"), path.split("/"), strict=True):
        if name.startswith("{"):
            yield from _value_problems(name[1:-1], described.get(name[1:-1], {}), value)


def _query_problems(operation: Operation, query: str, ignored: Collection[tuple[str, str]]) -> Iterator[str]:
    described = operation.parameters("query")
    given = dict(parse_qsl(query, keep_blank_values=True))
    for name, value in given.items():
        if (operation.title, name) in ignored:
            continue
        if name not in described:
            yield f"the parameter {name} is not described"
        else:
            yield from _value_problems(name, described[name], value)
    for name, parameter in described.items():
        if parameter.get("required") and name not in given:
            yield f"the parameter {name} is missing"


def _value_problems(name: str, described: Mapping[str, Any], value: str) -> Iterator[str]:
    pattern = {"integer": r"[0-9]+", "boolean": r"true|false|True|False"}.get(described.get("type", ""), ".*")
    if not re.fullmatch(pattern, value):
        yield f"the parameter {name} is not of type {described['type']}: {value}"
    if "enum" in described and value not in map(str, described["enum"]):
        yield f"the parameter {name} is none of {described['enum']}: {value}"
