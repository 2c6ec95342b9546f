"""What the registry says to those who bring a token, and to those who do not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.sandbox.conftest import Client, SetClock
from tests.sandbox.log_ins import APP, BASE, bearer, given
from wizard.sandbox.server import Sandbox


@pytest.fixture(scope="module")
def registry(box: Sandbox) -> Iterator[Client]:
    made = Client(f"http://{box.registry}", base="")
    yield made
    made.close()


def test_the_registry_says_where_to_get_a_token(root: Client, registry: Client, box: Sandbox) -> None:
    given(root)
    base = registry.send("GET", "/v2/")
    assert base.status == 401
    assert base.headers["www-authenticate"] == f'Bearer realm="{box.url}/jwt/auth",service="container_registry"'
    assert base.headers["docker-distribution-api-version"] == "registry/2.0"
    tags = registry.send("GET", f"/v2/{APP}/tags/list")
    assert tags.status == 401
    assert tags.headers["www-authenticate"].endswith(f',scope="repository:{APP}:pull"')
    assert tags.json["errors"][0]["code"] == "UNAUTHORIZED"
    assert tags.json["errors"][0]["message"] == "authentication required"


def test_a_token_without_the_scope_is_not_enough(root: Client, registry: Client) -> None:
    given(root)
    for headers in (bearer(root, "guest", f"repository:{APP}:pull"), bearer(root, "dev", f"repository:{BASE}:pull")):
        answer = registry.send("GET", f"/v2/{APP}/tags/list", headers=headers)
        assert answer.status == 401
        assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
        assert registry.send("GET", "/v2/", headers=headers).status == 200


def test_a_token_dies_after_five_minutes(root: Client, registry: Client, clock: SetClock) -> None:
    given(root)
    headers = bearer(root, "dev", f"repository:{APP}:pull")
    before, clock.at = clock.at, datetime(2026, 11, 24, 12, 5, tzinfo=UTC)
    try:
        answer = registry.send("GET", "/v2/", headers=headers)
    finally:
        clock.at = before
    assert answer.status == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert registry.send("GET", "/v2/", headers={"Authorization": "Bearer x.y.z"}).status == 401


def test_tags_and_digests_are_read(root: Client, registry: Client) -> None:
    given(root)
    headers = bearer(root, "dev", f"repository:{APP}:pull")
    tags = registry.send("GET", f"/v2/{APP}/tags/list", headers=headers)
    assert tags.json == {"name": APP, "tags": ["1.0", "1.1", "latest", "v2"]}
    page = registry.send("GET", f"/v2/{APP}/tags/list?n=2&last=1.0", headers=headers)
    assert page.json["tags"] == ["1.1", "latest"]
    assert page.headers["link"] == f'</v2/{APP}/tags/list?last=latest&n=2>; rel="next"'
    for reference in ("latest", "sha256:bb"):
        head = registry.send("HEAD", f"/v2/{APP}/manifests/{reference}", headers=headers)
        assert head.status == 200
        assert head.headers["docker-content-digest"] == "sha256:bb"
    missing = registry.send("GET", f"/v2/{APP}/manifests/none", headers=headers)
    assert missing.status == 404
    assert missing.json["errors"] == [
        {"code": "MANIFEST_UNKNOWN", "message": "manifest unknown", "detail": {"Tag": "none"}}
    ]


def test_a_manifest_agrees_with_what_the_api_tells_of_the_image(root: Client, registry: Client) -> None:
    given(root)
    headers = bearer(root, "dev", f"repository:{APP}:pull")
    answer = registry.send("GET", f"/v2/{APP}/manifests/1.1", headers=headers)
    tag = "/api/v4/projects/10/registry/repositories/1/tags/1.1"
    told = root.send("GET", tag, who="dev").json
    assert (answer.status, answer.headers["docker-content-digest"]) == (200, told["digest"])
    assert answer.headers["content-type"] == answer.json["mediaType"]
    parts = [answer.json["config"], *answer.json["layers"]]
    assert parts[0]["digest"] == f"sha256:{told['revision']}"
    assert sum(part["size"] for part in parts) == told["total_size"]
    assert registry.send("GET", f"/v2/{APP}/blobs/{parts[1]['digest']}", headers=headers).status == 501


def test_a_repository_below_the_project_is_found(root: Client, registry: Client) -> None:
    given(root)
    headers = bearer(root, "reader token", f"repository:{APP}/tools:pull")
    assert registry.send("HEAD", f"/v2/{APP}/tools/manifests/latest", headers=headers).status == 200


def test_an_unknown_repository_has_no_tags(root: Client, registry: Client) -> None:
    given(root)
    headers = bearer(root, "dev", f"repository:{APP}/none:pull")
    answer = registry.send("GET", f"/v2/{APP}/none/tags/list", headers=headers)
    assert answer.status == 404
    assert answer.json["errors"][0]["code"] == "NAME_UNKNOWN"


def test_the_catalogue_is_for_administrators(root: Client, registry: Client) -> None:
    given(root)
    assert registry.send("GET", "/v2/_catalog").status == 401
    headers = bearer(root, "root", "registry:catalog:*")
    listed = registry.send("GET", "/v2/_catalog", headers=headers).json["repositories"]
    assert listed == [APP, f"{APP}/tools", BASE, "open/inside", "open/site"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", f"/v2/{APP}/manifests/latest"),
        ("GET", f"/v2/{APP}/blobs/sha256:bb"),
        ("POST", f"/v2/{APP}/blobs/uploads/"),
    ],
)
def test_what_the_registry_does_not_hold_is_said(method: str, path: str, root: Client, registry: Client) -> None:
    given(root)
    headers = bearer(root, "dev", f"repository:{APP}:pull,push")
    assert registry.send(method, path, headers=headers).status == 501


def test_an_instance_without_registry_has_none(root: Client, registry: Client) -> None:
    given(root, instance__registry=None)
    assert registry.send("GET", "/v2/").status == 404
