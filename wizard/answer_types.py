"""The types of single answers: a value, its limits, and the words for what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
)
from pydantic_core import CoreSchema, core_schema

from wizard.validators import (
    check_agent,
    check_branch,
    check_host,
    check_image,
    check_one_line,
    check_project_path,
    check_reference,
    check_regex,
    check_relative_path,
    check_repository,
    check_runner_tag,
    check_url,
)


def _checked(check: Callable[[str], str | None]) -> AfterValidator:
    def validate(value: str) -> str:
        problem = check(value)
        if problem:
            raise ValueError(problem)
        return value

    return AfterValidator(validate)


def _whole(value: Any) -> Any:
    # true equals 1 and 5.0 equals 5, but neither is meant
    return str(value) if isinstance(value, bool | float) else value


@dataclass(frozen=True, slots=True)
class _Shape:
    """A pattern for the whole text, for editors in the schema and for people in words."""

    pattern: str
    words: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def validate(value: str) -> str:
            if not re.fullmatch(self.pattern, value):
                raise ValueError(self.words)
            return value

        return core_schema.no_info_after_validator_function(validate, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(core), "pattern": self.pattern}


OneLine = Annotated[str, StringConstraints(min_length=1, max_length=255), _checked(check_one_line)]
SecretReference = Annotated[str, StringConstraints(max_length=1024), _checked(check_reference)]
RelativePath = Annotated[str, StringConstraints(max_length=1024), _checked(check_relative_path)]
Host = Annotated[str, _checked(check_host)]
ProjectPath = Annotated[str, StringConstraints(max_length=255), _checked(check_project_path)]
Repository = Annotated[str, StringConstraints(max_length=255), _checked(check_repository)]
Label = Annotated[
    str,
    _Shape(r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", "must be 1 to 63 lower-case letters, digits and inner hyphens"),
]
ObjectName = Annotated[
    str,
    # Kubernetes allows 253; it becomes part of a file's name.
    StringConstraints(max_length=220),
    _Shape(
        r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$",
        "must be lower-case letters, digits, inner hyphens and single inner dots",
    ),
]
AuthHost = Annotated[
    str,
    StringConstraints(max_length=255),
    _Shape(r"^[A-Za-z0-9][A-Za-z0-9.:/_-]*$", "must be HOST, HOST:PORT or HOST/PATH, without a scheme"),
]
Platform = Annotated[
    str, _Shape(r"^[a-z0-9]+/[a-z0-9_]+(/[a-z0-9.]+)?$", "must be OS/ARCHITECTURE such as linux/amd64")
]
HealthPath = Annotated[
    str,
    StringConstraints(max_length=255),
    _Shape(r"^/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*$", "must be a path of the web server that begins with /"),
]
EnvironmentName = Annotated[
    str,
    StringConstraints(max_length=63),
    _Shape(r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$", "must be letters, digits, '_', '.' and '-', the first one no '.' or '-'"),
]
EcrHost = Annotated[
    str,
    _Shape(
        r"^[0-9]{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$",
        "must be ACCOUNT.dkr.ecr.REGION.amazonaws.com with a 12-digit account",
    ),
]
AwsRegion = Annotated[str, _Shape(r"^[a-z]{2}(-[a-z]+)+-[0-9]$", "must be an AWS region such as eu-central-1")]
AwsRole = Annotated[
    str,
    _Shape(
        r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$",
        "must be the ARN of a role: arn:aws:iam::ACCOUNT:role/NAME",
    ),
]
VariableKey = Annotated[str, _Shape(r"^[A-Za-z0-9_]{1,255}$", "must be 1 to 255 letters, digits and '_'")]
Regex = Annotated[str, StringConstraints(min_length=1, max_length=255), _checked(check_regex)]
Agent = Annotated[str, StringConstraints(max_length=255), _checked(check_agent)]
Url = Annotated[str, _checked(check_url)]
Branch = Annotated[str, StringConstraints(max_length=255), _checked(check_branch)]
Image = Annotated[str, StringConstraints(max_length=255), _checked(check_image)]
RunnerTag = Annotated[str, StringConstraints(max_length=255), _checked(check_runner_tag)]
Scope = Annotated[str, StringConstraints(min_length=1, max_length=255), _checked(check_one_line)]
Description = Annotated[str, StringConstraints(max_length=255), _checked(check_one_line)]
When = Literal["tag", "default-branch", "manual"]
Engine = Literal["dind", "socket", "buildkit", "buildah", "kaniko"]
WorkloadKind = Literal["Deployment", "StatefulSet", "DaemonSet", "CronJob"]
Stack = Literal["auto", "php", "node", "python", "go", "java", "ruby", "dotnet", "rust", "static"]
TagRule = Literal["branch", "latest", "semver", "iid"]
Level = Literal["maintainer", "owner", "admin"]
Version = Annotated[Literal[1], BeforeValidator(_whole)]
Keep = Annotated[Literal[1, 5, 10, 25, 50, 100], BeforeValidator(_whole)]
Port = Annotated[int, Field(ge=1, le=65535)]
