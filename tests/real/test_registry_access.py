"""A real registry that trusts the simulated GitLab, and skopeo, with every kind of credential.

`access/table.txt` says what each credential can do with each repository; here skopeo tries all of it.
"""

from __future__ import annotations

import base64
import copy
import itertools
import json
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.real.oci import image
from tests.real.programs import needs
from tests.real.run.daemons import free_port
from tests.real.run.registries import behind_gitlab, registry
from tests.real.summary import tell
from wizard.sandbox.loading import load_world
from wizard.sandbox.server import Sandbox

pytestmark = [pytest.mark.real, pytest.mark.thorough, needs(["docker-registry", "skopeo", "setpriv"])]

HERE = Path(__file__).with_name("access")
JOB = "gitlab-ci-token"
CREDENTIALS: Mapping[str, tuple[str, str] | None] = {
    "nobody": None,
    "root": ("root", "glpat-root"),
    "owner": ("any name at all", "glpat-owner"),
    "maint": ("maint", "glpat-maint"),
    "dev": ("dev", "glpat-dev"),
    "rep": ("rep", "glpat-rep"),
    "guest": ("guest", "glpat-guest"),
    "stranger": ("stranger", "glpat-stranger"),
    "external": ("partner", "glpat-partner"),
    "blocked": ("gone", "glpat-gone"),
    "wrong-password": ("dev", "not-the-word"),
    "password": ("dev", "dev-word"),
    "password-two-factors": ("owner", "owner-word"),
    "pat-revoked": ("maint", "glpat-revoked"),
    "pat-expired": ("maint", "glpat-late"),
    "pat-read_api": ("maint", "glpat-read-api"),
    "pat-read_registry": ("maint", "glpat-read"),
    "pat-write_registry": ("maint", "glpat-write"),
    "pat-read-and-write": ("maint", "glpat-both"),
    "pat-read_user": ("maint", "glpat-who"),
    "oauth": ("oauth2", "oauth-maint"),
    "project-token": ("bot", "glpat-bot"),
    "group-token": ("bot", "glpat-group-bot"),
    "deploy-read": ("gitlab+deploy-token-5", "gldt-read"),
    "deploy-read-and-write": ("writer", "gldt-both"),
    "deploy-write": ("pusher", "gldt-write"),
    "deploy-code": ("gitlab+deploy-token-8", "gldt-code"),
    "deploy-group": ("group-reader", "gldt-group"),
    "deploy-other-name": ("reader", "gldt-read"),
    "deploy-revoked": ("gitlab+deploy-token-9", "gldt-revoked"),
    "deploy-expired": ("gitlab+deploy-token-10", "gldt-late"),
    "job-of-dev": (JOB, "glcbt-dev"),
    "job-of-maint": (JOB, "glcbt-maint"),
    "job-of-guest": (JOB, "glcbt-guest"),
    "job-of-root": (JOB, "glcbt-root"),
    "job-finished": (JOB, "glcbt-done"),
    "job-of-blocked": (JOB, "glcbt-gone"),
    "job-other-name": ("dev", "glcbt-dev"),
}
PATHS: Mapping[str, str] = {
    "app": "acme/team/app",
    "locked": "acme/team/app/locked",
    "base": "acme/team/base",
    "closed": "acme/team/closed",
    "loose": "acme/team/loose",
    "off": "acme/team/off",
    "site": "open/site",
    "members": "open/members",
    "inside": "open/inside",
    "secret": "other/secret",
}
REFUSALS: Mapping[str, tuple[str, ...]] = {
    "0": ("HTTP Basic: Access denied", "invalid username/password"),
    "!": ("403 (Forbidden)", "denied: access forbidden"),
    "-": ("denied: requested access to the resource is denied", "authentication required"),
}
"""How skopeo shows who refused, the most telling first."""


def table() -> Mapping[str, Mapping[str, str]]:
    """Return the cells of `table.txt` by credential and column."""
    lines = (HERE / "table.txt").read_text(encoding="utf-8").splitlines()
    head, *rows = [line.split() for line in lines if line and not line.startswith("#")]
    return {name: dict(zip(head, cells, strict=True)) for name, *cells in rows}


TABLE = table()
OTHERWISE = yaml.safe_load((HERE / "otherwise.yml").read_text(encoding="utf-8"))


class Place:
    """The registry, GitLab behind it, and skopeo as somebody."""

    def __init__(self, box: Sandbox, address: str, folder: Path) -> None:
        self.box = box
        self.address = address
        self.folder = folder
        self._numbers = itertools.count()
        image(folder / "kept", "kept")
        for who, credential in CREDENTIALS.items():
            pair = base64.b64encode(":".join(credential).encode()).decode() if credential else None
            auths = {address: {"auth": pair}} if pair else {}
            Path(self.authfile(who)).write_text(json.dumps({"auths": auths}), encoding="utf-8")

    def start_from(self, changes: Mapping[str, Any] | None = None) -> None:
        """Set the world; `changes` replaces parts: `{"instance": {…}, "acme/team/app": {…}}`."""
        world = yaml.safe_load((HERE / "world.yml").read_text(encoding="utf-8"))
        given = copy.deepcopy(dict(changes or {}))
        world["instance"] = {"registry": self.address, **given.pop("instance", {})}
        for project in world["projects"]:
            project.update(given.pop(project["path"], {}))
        assert not given, "a change of no project"
        self.box.instance.replace(load_world(world))

    def fill(self) -> None:
        """Have every repository hold one image, whatever its project's settings are going to be."""
        self.start_from({PATHS["off"]: {"registry": "enabled"}})
        for path in PATHS.values():
            assert self.push("root", path, "kept", "kept") == "+"
        self.start_from()

    def login(self, who: str) -> str:
        name, secret = CREDENTIALS[who] or ("", "")
        file = ("--authfile", str(self.folder / "log-in.json"))
        return self._skopeo("login", *file, "-u", name, "--password-stdin", self.address, given=secret)

    def pull(self, who: str, path: str) -> str:
        return self._skopeo("inspect", "--raw", "--authfile", self.authfile(who), self.at(path, "kept"))

    def push(self, who: str, path: str, layout: str = "kept", tag: str = "pushed") -> str:
        to = ("--dest-authfile", self.authfile(who), "--dest-tls-verify=false")
        return self._skopeo("copy", "--quiet", *to, f"oci:{self.folder / layout}:latest", self.at(path, tag), tls=False)

    def delete(self, who: str, path: str, *, allowed: bool) -> str:
        """Try to delete an image: one of its own where that should work, else the one that is there."""
        tag = self._one_more(path) if allowed else "kept"
        return self._skopeo("delete", "--authfile", self.authfile(who), self.at(path, tag))

    def tries(self, who: str, column: str, expected: str) -> str:
        """Try what a cell speaks of, and return it as it came out."""
        if column == "login":
            return self.login(who)
        path = PATHS[column]
        done = (self.pull(who, path), self.push(who, path), self.delete(who, path, allowed=expected[2] == "+"))
        return "".join(done)

    def _one_more(self, path: str) -> str:
        name = f"made-{next(self._numbers)}"
        image(self.folder / name, name)
        assert self.push("root", path, name, name) == "+"
        return name

    def at(self, path: str, tag: str) -> str:
        return f"docker://{self.address}/{path}:{tag}"

    def authfile(self, who: str) -> str:
        """Return the file in which a credential lies as skopeo keeps it."""
        return str(self.folder / f"{who}.json")

    @staticmethod
    def _skopeo(command: str, *arguments: str, given: str | None = None, tls: bool = True) -> str:
        """Run skopeo; return how it ended, as one character of the table."""
        plain = ("--tls-verify=false",) if tls else ()
        done = subprocess.run(
            ["skopeo", command, *plain, *arguments],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        if done.returncode == 0:
            return "+"
        said = (mark for mark, words in REFUSALS.items() if any(word in done.stderr for word in words))
        return next(said, f"<{done.stderr.strip()}>")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("registry")
    with Sandbox({"version": 1}, signing_key=folder / "key") as box:
        trusted = behind_gitlab(box.url, folder / "key" / "registry.crt")
        with registry(folder / "registry", free_port(), trusted) as running:
            made = Place(box, running.address, folder)
            made.fill()
            yield made


@pytest.fixture(autouse=True)
def _as_described(place: Place) -> Iterator[None]:
    yield
    place.start_from()


def test_the_table_and_the_credentials_are_the_same() -> None:
    assert set(TABLE) == set(CREDENTIALS)
    assert set(TABLE["nobody"]) == {"login", *PATHS}
    tried = sum(len(cell.replace(".", "")) for row in TABLE.values() for cell in row.values())
    tell(f"registry access: {len(TABLE)} credentials, {len(PATHS)} repositories, {tried} attempts with skopeo")
    tell(f"  {'':24}{''.join(f'{column:9}' for column in TABLE['nobody'])}".rstrip())


@pytest.mark.parametrize("who", TABLE)
def test_a_credential_can_do_what_gitlab_lets_it_do(who: str, place: Place) -> None:
    expected = {column: cell for column, cell in TABLE[who].items() if set(cell) != {"."}}
    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(expected, pool.map(lambda item: place.tries(who, *item), expected.items()), strict=True))
    tell(f"  {who:24}{''.join(found.get(column, '').ljust(9) for column in TABLE[who])}".rstrip())
    assert found == expected


@pytest.mark.parametrize("case", OTHERWISE, ids=lambda case: case["name"])
def test_with_other_settings(case: Mapping[str, Any], place: Place) -> None:
    place.start_from(case["world"])
    found = {
        who: {column: place.tries(who, column, cell) for column, cell in cells.items()}
        for who, cells in case["try"].items()
    }
    assert found == case["try"]


def test_an_image_that_was_pushed_is_the_one_that_is_pulled(place: Place, tmp_path: Path) -> None:
    pushed = image(place.folder / "fresh", "fresh")
    assert place.push("job-of-dev", PATHS["app"], "fresh", "fresh") == "+"
    authfile = place.authfile("deploy-read")
    command = ["skopeo", "inspect", "--tls-verify=false", "--authfile", authfile, "--format", "{{.Digest}}"]
    done = subprocess.run([*command, place.at(PATHS["app"], "fresh")], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == pushed
