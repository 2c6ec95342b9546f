"""The token endpoint of the registry: who logs in, and what is granted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import Answer, Client, changed_world
from tests.sandbox.log_ins import APP, BASE, LOCKED, LOGINS, SITE, WORLD, ask, claims, given

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
