"""The token endpoint of the registry: who logs in, what is granted, how it is signed, and what the registry says."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.sandbox.conftest import Answer, Client, SetClock, changed_world
from wizard.errors import UsageError
from wizard.sandbox.registry.signing import Signer, fingerprint
from wizard.sandbox.server import Sandbox

APP, LOCKED, BASE, SITE = "acme/team/app", "acme/team/app/locked", "acme/team/base", "open/site"
WORLD: dict[str, Any] = {
    "users.0.password": "root-word",
    "users.1": {
        "id": 2,
        "username": "owner",
        "password": "owner-word",
        "two_factor": True,
        "tokens": [{"value": "glpat-owner"}],
    },
    "users.3.password": "dev-word",
    "projects.0.deploy_tokens": [
        {"id": 5, "name": "reader", "token": "gldt-read"},
        {
            "id": 6,
            "name": "writer",
            "username": "writer",
            "token": "gldt-write",
            "scopes": ["read_registry", "write_registry"],
        },
        {"id": 7, "name": "code", "token": "gldt-code", "scopes": ["read_repository"]},
        {"id": 8, "name": "gone", "token": "gldt-gone", "revoked": True},
        {"id": 9, "name": "late", "token": "gldt-late", "expires_at": "2026-11-24"},
        {"id": 10, "name": "push only", "username": "pusher", "token": "gldt-push", "scopes": ["write_registry"]},
    ],
    "groups.0.deploy_tokens": [{"id": 20, "name": "group", "username": "group-reader", "token": "gldt-group"}],
    "projects.0.jobs": [
        {"id": 900, "started_by": "dev", "token": "glcbt-dev"},
        {"id": 901, "started_by": "dev", "token": "glcbt-done", "status": "success"},
        {"id": 903, "started_by": "guest", "token": "glcbt-guest"},
        {"id": 904, "started_by": "root", "token": "glcbt-root"},
        {"id": 905, "started_by": "maint", "token": "glcbt-maint"},
        {"id": 906, "started_by": "gone", "token": "glcbt-gone"},
    ],
    "projects.1.job_token_scope": {"enabled": True, "projects": [APP]},
    "projects.2.job_token_scope": {"enabled": True, "projects": [APP]},
    "projects.1.images": {"": {"1": "sha256:11"}},
}
JOB = "gitlab-ci-token"
LOGINS: dict[str, tuple[str, str] | None] = {
    "nobody": None,
    "root": ("root", "glpat-root"),
    "root by password": ("root", "root-word"),
    "owner": ("any name", "glpat-owner"),
    "owner by password, with two factors": ("owner", "owner-word"),
    "maint": ("maint", "glpat-maint"),
    "dev": ("dev", "glpat-dev"),
    "dev by password": ("dev", "dev-word"),
    "dev by a wrong password": ("dev", "nope"),
    "dev without a password": ("dev", ""),
    "rep": ("rep", "glpat-rep"),
    "guest": ("guest", "glpat-guest"),
    "stranger": ("stranger", "glpat-stranger"),
    "partner": ("partner", "glpat-partner"),
    "blocked": ("gone", "glpat-gone"),
    "bot": ("x", "glpat-bot"),
    "group bot": ("x", "glpat-groupbot"),
    "read_api": ("x", "glpat-read"),
    "read_user": ("x", "glpat-whoami"),
    "read and write registry": ("x", "glpat-registry"),
    "revoked": ("x", "glpat-revoked"),
    "expires today": ("x", "glpat-today"),
    "expires tomorrow": ("x", "glpat-tomorrow"),
    "fine-grained": ("x", "glpat-fine"),
    "oauth": ("oauth2", "glpat-oauth"),
    "oauth under another name": ("maint", "glpat-oauth"),
    "reader token": ("gitlab+deploy-token-5", "gldt-read"),
    "reader token under another name": ("reader", "gldt-read"),
    "writer token": ("writer", "gldt-write"),
    "push-only token": ("pusher", "gldt-push"),
    "code token": ("gitlab+deploy-token-7", "gldt-code"),
    "revoked token": ("gitlab+deploy-token-8", "gldt-gone"),
    "expired token": ("gitlab+deploy-token-9", "gldt-late"),
    "group token": ("group-reader", "gldt-group"),
    "job of dev": (JOB, "glcbt-dev"),
    "job of dev under another name": ("dev", "glcbt-dev"),
    "finished job": (JOB, "glcbt-done"),
    "job of guest": (JOB, "glcbt-guest"),
    "job of root": (JOB, "glcbt-root"),
    "job of maint": (JOB, "glcbt-maint"),
    "job of a blocked user": (JOB, "glcbt-gone"),
    "a personal token as a job's": (JOB, "glpat-dev"),
}
DENIED, UNAUTHORIZED = "403 DENIED access forbidden", "401 UNAUTHORIZED"
PROTECTED = "403 DENIED Pushing to protected repository path forbidden"

# who, scopes (path:actions), what comes of it: the granted actions of each scope, or the refusal; changes of the world
TABLE: list[tuple[str, str, str, dict[str, Any]]] = [
    ("nobody", "", DENIED, {}),
    ("nobody", f"{APP}:pull", DENIED, {}),
    ("nobody", f"{SITE}:pull", "pull", {}),
    ("nobody", f"{SITE}:pull,push", "pull", {}),
    ("nobody", f"{SITE}:push", DENIED, {}),
    ("nobody", f"{SITE}:pull", DENIED, {"projects.3.registry": "private"}),
    ("nobody", "open/inside:pull", DENIED, {"projects.4.registry": "enabled"}),
    ("nobody", "open/off:pull", DENIED, {}),
    ("nobody", "registry:catalog:*", DENIED, {}),
    ("nobody", "nonsense", DENIED, {}),
    ("dev", "", "", {}),
    ("dev", f"{APP}:pull", "pull", {}),
    ("dev", f"{APP}:push,pull", "push,pull", {}),
    ("dev", f"{APP}:pull,push,delete,*", "pull,push", {}),
    ("dev", f"{APP}/a/b:pull", "pull", {}),
    ("dev", f"{APP}/a/b/c:pull", "", {}),
    ("dev", "ACME/Team/App:pull", "pull", {}),
    ("dev", "acme/old-app:pull", "", {}),
    ("dev", "acme/none:pull", "", {}),
    ("dev", "acme:pull", "", {}),
    ("dev", f"{APP}:fly", "", {}),
    ("dev", "registry:catalog:*", "", {}),
    ("dev", f"{APP}:pull other/secret:pull {SITE}:pull", "pull pull", {}),
    ("root", "registry:catalog:*", "*", {}),
    ("root", "other/secret:pull,push,delete,*", "pull,push,delete,*", {}),
    ("root by password", "other/secret:pull", "pull", {}),
    ("owner", f"{APP}:pull,push,delete,*", "pull,push,delete,*", {}),
    ("owner by password, with two factors", "", UNAUTHORIZED, {}),
    ("maint", f"{APP}:delete,*", "delete,*", {}),
    ("dev by password", f"{APP}:pull,push", "pull,push", {}),
    ("dev by a wrong password", "", UNAUTHORIZED, {}),
    ("dev without a password", "", UNAUTHORIZED, {}),
    ("rep", f"{APP}:pull,push", "pull", {}),
    ("guest", f"{APP}:pull", "", {}),
    ("guest", "open/inside:pull", "", {}),
    ("guest", "open/inside:pull", "pull", {"projects.4.registry": "enabled"}),
    ("partner", "open/inside:pull", "", {"projects.4.registry": "enabled"}),
    ("stranger", f"{APP}:pull", "", {}),
    ("stranger", f"{SITE}:pull,push", "pull", {}),
    ("blocked", "", UNAUTHORIZED, {}),
    ("bot", f"{APP}:pull,push,delete", "pull,push,delete", {}),
    ("bot", f"{BASE}:pull", "", {}),
    ("group bot", f"{BASE}:pull,push,delete", "pull,push", {}),
    ("read_api", f"{APP}:pull,push", "pull", {}),
    ("read_user", "", DENIED, {}),
    ("read and write registry", f"{APP}:pull,push,delete", "pull,push", {}),
    ("revoked", "", UNAUTHORIZED, {}),
    ("expires today", "", UNAUTHORIZED, {}),
    ("expires tomorrow", f"{APP}:pull", "pull", {}),
    ("fine-grained", "", DENIED, {}),
    ("oauth", f"{APP}:pull", "pull", {}),
    ("oauth under another name", f"{APP}:pull", UNAUTHORIZED, {}),
    ("dev", f"{APP}:pull,push", "", {"projects.0.registry": "disabled"}),
    ("dev", f"{APP}:pull,push", "pull", {"projects.0.archived": True}),
    ("dev", f"{APP}:pull,push", "pull", {"instance.maintenance": True}),
    ("dev", f"{APP}:pull", "404 UNAVAILABLE registry not enabled", {"instance.registry": None}),
    # deploy tokens
    ("reader token", f"{APP}:pull,push", "pull", {}),
    ("reader token", f"{APP}/tools:pull", "pull", {}),
    ("reader token", f"{BASE}:pull", "", {}),
    ("reader token", f"{SITE}:pull", "pull", {}),
    ("reader token", "open/inside:pull", "", {"projects.4.registry": "enabled"}),
    ("reader token", f"{APP}:pull", "", {"projects.0.registry": "disabled"}),
    ("reader token", f"{APP}:pull", "", {"projects.0.repository": "disabled"}),
    ("reader token under another name", f"{APP}:pull", UNAUTHORIZED, {}),
    ("writer token", f"{APP}:pull,push,delete,*", "pull,push", {}),
    ("writer token", f"{BASE}:push", "", {}),
    ("writer token", f"{LOCKED}:push", "push", {}),
    ("push-only token", f"{APP}:pull,push", "push", {}),
    ("code token", f"{APP}:pull", DENIED, {}),
    ("revoked token", "", UNAUTHORIZED, {}),
    ("expired token", "", UNAUTHORIZED, {}),
    ("group token", f"{APP}:pull", "pull", {}),
    ("group token", f"{BASE}:pull,push", "pull", {}),
    ("group token", "other/secret:pull", "", {}),
    # job tokens
    ("job of dev", "", "", {}),
    ("job of dev", f"{APP}:pull,push,delete,*", "pull,push,delete", {}),
    ("job of dev", f"{BASE}:pull", "pull", {}),
    ("job of dev", f"{BASE}:pull,push,delete", "pull", {}),
    ("job of dev", f"{BASE}:pull", "", {"projects.1.job_token_scope": {"enabled": True}}),
    ("job of dev", f"{BASE}:pull", "pull", {"projects.1.job_token_scope": {"enabled": False}}),
    (
        "job of dev",
        f"{BASE}:pull",
        "",
        {"projects.1.job_token_scope": {"enabled": False}, "instance.enforce_job_token_allowlist": True},
    ),
    ("job of dev", f"{BASE}:pull", "pull", {"projects.1.job_token_scope": {"groups": ["acme"]}}),
    ("job of dev", "other/secret:pull", "", {}),
    ("job of dev", f"{SITE}:pull", "pull", {}),
    ("job of dev", f"{SITE}:pull", "", {"projects.3.registry": "private"}),
    ("job of dev", "open/inside:pull", "pull", {"projects.4.registry": "enabled"}),
    ("job of dev", "registry:catalog:*", "", {}),
    ("job of guest", f"{APP}:pull,push", "pull,push", {}),
    ("job of guest", f"{BASE}:pull", "", {}),
    ("job of root", "other/secret:pull", "", {}),
    ("job of root", f"{BASE}:pull", "", {}),
    ("job of maint", f"{BASE}:pull,push", "pull", {}),
    ("job of dev under another name", "", UNAUTHORIZED, {}),
    ("finished job", "", UNAUTHORIZED, {}),
    ("job of a blocked user", "", UNAUTHORIZED, {}),
    ("job of dev", "", UNAUTHORIZED, {"projects.0.ci": "disabled"}),
    ("a personal token as a job's", f"{APP}:pull,push", "pull,push", {}),
    # protection rules: acme/team/app/locked takes pushes of Maintainers only
    ("dev", f"{LOCKED}:push", PROTECTED, {}),
    ("dev", f"{LOCKED}:pull", "pull", {}),
    ("dev", f"{APP}:pull,push", "pull,push", {}),
    ("maint", f"{LOCKED}:pull,push", "pull,push", {}),
    ("root", f"{LOCKED}:push", "push", {}),
    ("job of dev", f"{LOCKED}:push", PROTECTED, {}),
    ("job of maint", f"{LOCKED}:push", "push", {}),
    (
        "owner",
        f"{LOCKED}:*",
        PROTECTED,
        {"projects.0.repository_protection": [{"pattern": "acme/team/*", "push": "admin"}]},
    ),
    ("dev", f"{APP}:pull,push {LOCKED}:push", PROTECTED, {}),
    ("rep", f"{LOCKED}:pull,push", "pull", {}),
]


@pytest.fixture(scope="module")
def root(box: Sandbox) -> Iterator[Client]:
    made = Client(box.url, base="")
    yield made
    made.close()


def credentials(who: str) -> Mapping[str, str]:
    login = LOGINS[who]
    if login is None:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(":".join(login).encode()).decode()}


def ask(root: Client, who: str, *scopes: str, service: str = "container_registry") -> Answer:
    query = "".join(f"&scope={quote(scope)}" for scope in scopes)
    return root.send("GET", f"/jwt/auth?service={service}{query}", headers=credentials(who))


def claims(token: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


def given(root: Client, **changes: Any) -> None:
    world = changed_world({**WORLD, **{path.replace("__", "."): value for path, value in changes.items()}})
    answer = root.send("PUT", "/-/sandbox/world", send=world)
    assert answer.status == 204, answer.text


def outcome(answer: Answer) -> str:
    if answer.status == 200:
        return " ".join(",".join(entry["actions"]) for entry in claims(answer.json["token"])["access"])
    error = answer.json["errors"][0]
    said = "" if answer.status == 401 else f" {error['message']}"
    return f"{answer.status} {error['code']}{said}"


@pytest.mark.parametrize(("who", "scopes", "wanted", "changes"), TABLE)
def test_what_is_granted(who: str, scopes: str, wanted: str, changes: dict[str, Any], root: Client) -> None:
    world = changed_world({**WORLD, **changes})
    assert root.send("PUT", "/-/sandbox/world", send=world).status == 204
    asked = [
        scope if scope.startswith(("registry:", "nonsense")) else f"repository:{scope}" for scope in scopes.split()
    ]
    assert outcome(ask(root, who, *asked)) == wanted


def test_every_log_in_is_tried() -> None:
    assert {who for who, *_ in TABLE} == set(LOGINS)


def test_several_scopes_may_stand_in_one_parameter(root: Client) -> None:
    given(root)
    assert outcome(ask(root, "dev", f"repository:{APP}:pull repository:{SITE}:pull")) == "pull pull"


def test_wrong_credentials_are_answered_in_gitlabs_words(root: Client) -> None:
    given(root)
    answer = ask(root, "dev by a wrong password")
    (error,) = answer.json["errors"]
    assert error["message"].startswith("HTTP Basic: Access denied. If a password was provided for Git authentication, ")
    assert "/help/user/profile/account/two_factor_authentication_troubleshooting.md#" in error["message"]


def test_post_is_not_routed_so_that_clients_fall_back_on_get(root: Client) -> None:
    given(root)
    assert root.send("POST", "/jwt/auth", form={"grant_type": "password"}).status == 404


def test_another_service_is_unknown(root: Client) -> None:
    given(root)
    assert ask(root, "dev", service="elsewhere").status == 404
    assert root.send("GET", "/jwt/auth").status == 404
    assert ask(root, "dev", service="dependency_proxy").status == 501


def test_a_granted_push_makes_the_repository(root: Client) -> None:
    given(root)
    ask(root, "dev", f"repository:{APP}/new:pull")
    ask(root, "dev", f"repository:{APP}/new:push")
    images = root.send("GET", "/-/sandbox/world").json["projects"][0]["images"]
    assert images["new"] == {}
    assert set(images) == {"", "tools", "new"}


@pytest.mark.parametrize(
    ("who", "subject", "kind", "about"),
    [
        ("dev", "dev", "personal_access_token", {"username": "dev", "user_id": 4}),
        ("dev by password", "dev", "gitlab_or_ldap", {"username": "dev", "user_id": 4}),
        ("oauth", "maint", "oauth", {"username": "maint", "user_id": 3}),
        ("job of dev", "dev", "build", {"username": "dev", "user_id": 4}),
        ("reader token", None, "deploy_token", {"username": "gitlab+deploy-token-5", "deploy_token_id": 5}),
    ],
)
def test_a_token_tells_whom_it_is_for(who: str, subject: str | None, kind: str, about: Any, root: Client) -> None:
    given(root)
    found = claims(ask(root, who).json["token"])
    assert found.get("sub") == subject
    assert (found["iss"], found["aud"], found["auth_type"]) == ("gitlab-issuer", "container_registry", kind)
    assert found["exp"] - found["iat"] == 300
    assert found["iat"] - found["nbf"] == 5
    assert claims(found["user"])["user_info"] == {"token_type": kind, **about}


def test_access_carries_the_project_and_the_tags_that_may_not_be_touched(root: Client) -> None:
    given(root)
    (entry,) = claims(ask(root, "dev", f"repository:{APP}/tools:pull,push").json["token"])["access"]
    assert entry == {
        "type": "repository",
        "name": f"{APP}/tools",
        "actions": ["pull", "push"],
        "meta": {
            "project_path": APP,
            "project_id": 10,
            "root_namespace_id": 1,
            "tag_deny_access_patterns": {"push": ["v*"]},
        },
    }
    (entry,) = claims(ask(root, "maint", f"repository:{APP}:*").json["token"])["access"]
    assert entry["meta"]["tag_deny_access_patterns"] == {"push": [], "delete": ["v*"]}


def signed_parts(token: str) -> tuple[Any, bytes, bytes]:
    signed, _, signature = token.rpartition(".")
    header = json.loads(base64.urlsafe_b64decode(signed.split(".")[0] + "=="))
    return header, signed.encode(), base64.urlsafe_b64decode(signature + "==")


def test_a_kept_key_signs_what_its_certificate_verifies(tmp_path: Path) -> None:
    with Sandbox(
        {"version": 1, "users": [{"username": "a", "tokens": [{"value": "glpat-a"}]}]}, signing_key=tmp_path
    ) as box:
        client = Client(box.url, base="")
        basic = {"Authorization": "Basic " + base64.b64encode(b"a:glpat-a").decode()}
        token = client.send("GET", "/jwt/auth?service=container_registry", headers=basic).json["token"]
        client.close()
    certificate = x509.load_pem_x509_certificate((tmp_path / "registry.crt").read_bytes())
    public = certificate.public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    header, signed, signature = signed_parts(token)
    public.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    assert (header["alg"], header["typ"]) == ("RS256", "JWT")
    assert header["kid"] == fingerprint(public)
    assert base64.b64decode(header["x5c"][0]) == certificate.public_bytes(serialization.Encoding.DER)
    assert (tmp_path / "registry.key").stat().st_mode & 0o777 == 0o600
    written = (tmp_path / "registry.crt").read_bytes()
    again = Signer(tmp_path)
    assert (tmp_path / "registry.crt").read_bytes() == written
    assert again.read(token) == claims(token)
    assert Signer().read(token) is None


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "....", "ü.ü.ü"])
def test_what_is_no_token_is_not_read(text: str, tmp_path: Path) -> None:
    assert SIGNER.read(text) is None


SIGNER = Signer()


def test_a_fingerprint_has_twelve_groups_of_four() -> None:
    header, _, _ = signed_parts(SIGNER.sign({}))
    groups = header["kid"].split(":")
    assert len(groups) == 12
    assert {len(group) for group in groups} == {4}


def test_a_key_folder_that_cannot_be_used_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot hold the signing key"):
        Signer(tmp_path / "file")
    (tmp_path / "registry.key").write_text("nonsense")
    with pytest.raises(UsageError, match="it holds no RSA key"):
        Signer(tmp_path)


@pytest.fixture(scope="module")
def registry(box: Sandbox) -> Iterator[Client]:
    made = Client(f"http://{box.registry}", base="")
    yield made
    made.close()


def bearer(root: Client, who: str, *scopes: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {ask(root, who, *scopes).json['token']}"}


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
