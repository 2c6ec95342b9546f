"""The read side of a container registry, on the second port (OCI Distribution specification)."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Response

from wizard.sandbox.call import Call
from wizard.sandbox.images import Row, configuration_of, rows, size_of
from wizard.sandbox.replies import Refusal, json_reply, not_simulated
from wizard.sandbox.resources.jwt_auth import SERVICE
from wizard.sandbox.routing import Route

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIGURATION = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
_CONFIGURATION_SIZE = 1470
_VERSION = {"Docker-Distribution-Api-Version": "registry/2.0"}


def _error(status: int, code: str, text: str, detail: Any, headers: dict[str, str] | None = None) -> Refusal:
    body = {"errors": [{"code": code, "message": text, "detail": detail}]}
    return Refusal(json_reply(body, status, _VERSION | (headers or {})))


def _require(call: Call, kind: str = "", name: str = "", action: str = "") -> None:
    """Let only a bearer of a token of ours through; the challenge says where to get one, and for what."""
    if call.world.registry_host is None:
        raise Refusal(Response(b"404 page not found\n", 404, content_type="text/plain"))
    problem = _problem(call, kind, name, action)
    if problem is None:
        return
    fields = {"realm": f"{call.url}/jwt/auth", "service": SERVICE}
    if kind:
        fields["scope"] = f"{kind}:{name}:{action}"
    if problem:
        fields["error"] = problem
    challenge = ",".join(f'{field}="{value}"' for field, value in fields.items())
    detail = [{"Type": kind, "Class": "", "Name": name, "Action": action}] if kind else None
    raise _error(401, "UNAUTHORIZED", "authentication required", detail, {"WWW-Authenticate": f"Bearer {challenge}"})


def _problem(call: Call, kind: str, name: str, action: str) -> str | None:
    """Return None when the token does, the empty text when there is none, else what is wrong with it."""
    given = call.request.authorization
    if given is None or given.type != "bearer" or not given.token:
        return ""
    claims = call.instance.signer.read(given.token)
    if claims is None or claims.get("aud") != SERVICE or claims["exp"] <= call.world.now().timestamp():
        return "invalid_token"
    entries = [entry for entry in claims["access"] if (entry["type"], entry["name"]) == (kind, name)]
    if not kind or any(action in entry["actions"] or "*" in entry["actions"] for entry in entries):
        return None
    return "insufficient_scope"


def _base(call: Call) -> Response:
    _require(call)
    return json_reply({}, headers=_VERSION)


def _row(call: Call) -> Row | None:
    name = call.arguments["name"]
    _require(call, "repository", name, "pull")
    return next((row for row in rows(call.world) if row.path == name and row.tags), None)


def _manifest(call: Call) -> Response:
    row, reference = _row(call), call.arguments["reference"]
    tags = row.tags if row else {}
    digest = reference if reference in tags.values() else tags.get(reference)
    if digest is None:
        raise _error(404, "MANIFEST_UNKNOWN", "manifest unknown", {"Tag": reference})
    headers = {"Docker-Content-Digest": digest, "Etag": f'"{digest}"'}
    return Response(_stand_in(digest), 200, _VERSION | headers, content_type=MANIFEST)


def _stand_in(digest: str) -> bytes:
    """Return a manifest for an image of which a world knows only the digest.

    It agrees with what the API tells of that image, but its own hash is another one: a client that checks what it pulls
    refuses it, and its blobs are not served, so nothing that is only named is ever pulled.
    """
    layer = hashlib.sha256(f"layer of {digest}".encode()).hexdigest()
    size = size_of(digest) - _CONFIGURATION_SIZE
    configuration = {
        "mediaType": CONFIGURATION,
        "size": _CONFIGURATION_SIZE,
        "digest": f"sha256:{configuration_of(digest)}",
    }
    layers = [{"mediaType": LAYER, "size": size, "digest": f"sha256:{layer}"}]
    return json.dumps(
        {"schemaVersion": 2, "mediaType": MANIFEST, "config": configuration, "layers": layers}, indent=3
    ).encode()


def _tags(call: Call) -> Response:
    row, name = _row(call), call.arguments["name"]
    if row is None:
        raise _error(404, "NAME_UNKNOWN", "repository name not known to registry", {"name": name})
    return _cut(call, "tags", sorted(row.tags), {"name": name})


def _catalog(call: Call) -> Response:
    _require(call, "registry", "catalog", "*")
    return _cut(call, "repositories", sorted(row.path for row in rows(call.world) if row.tags), {})


def _cut(call: Call, field: str, names: list[str], around: dict[str, str]) -> Response:
    """Answer with `n` names after `last`, and say where the next ones are."""
    last, count = call.request.args.get("last", ""), call.request.args.get("n", type=int)
    names = [name for name in names if name > last]
    headers = dict(_VERSION)
    if count is not None and 0 < count < len(names):
        names = names[:count]
        headers["Link"] = f'<{call.request.path}?{urlencode({"last": names[-1], "n": count})}>; rel="next"'
    return json_reply({**around, field: names}, headers=headers)


def _route(rule: str, handler: Any, method: str = "GET") -> Route:
    return Route(method=method, rule=rule, handler=handler, base="", side="registry")


def _unsimulated(call: Call) -> Response:
    raise not_simulated(f"{call.request.method} {call.request.path}")


_CONTENT = "/v2/<path:name>/blobs/<reference>"
_UPLOADS = "/v2/<path:name>/blobs/uploads/"
_MANIFESTS = "/v2/<path:name>/manifests/<reference>"

routes = [
    _route("/v2/", _base),
    _route("/v2/_catalog", _catalog),
    _route("/v2/<path:name>/tags/list", _tags),
    _route(_MANIFESTS, _manifest),
    _route(_MANIFESTS, _unsimulated, "PUT"),
    _route(_MANIFESTS, _unsimulated, "DELETE"),
    _route(_CONTENT, _unsimulated),
    _route(_CONTENT, _unsimulated, "DELETE"),
    _route(_UPLOADS, _unsimulated, "POST"),
]
