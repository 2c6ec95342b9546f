"""Where the GitLab token and local secrets come from, and what is refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keyring.backend
import keyring.backends.null
import keyring.errors
import pytest

from wizard.errors import UsageError, WizardError
from wizard.gateways import os_keyring
from wizard.gateways.credentials import Token, TokenKeeper, TokenSearch
from wizard.gateways.local_secrets import LocalSecrets
from wizard.secret import Secret

URL = "https://gitlab.example.com"
PYTHON_GITLAB = """[global]
default = other
[other]
url = https://gitlab.com
private_token = glpat-other
[work]
url = https://gitlab.example.com/
oauth_token = from-python-gitlab
"""
GLAB = """hosts:
  gitlab.com: {token: glpat-other}
  gitlab.example.com:
    token: !!null from-glab
    api_protocol: https
"""


class Ring(keyring.backend.KeyringBackend):
    """A keyring in memory; `entries` may be a function that misbehaves."""

    priority = 1

    def __init__(self, entries: Mapping[tuple[str, str], str] | Callable[[], str | None]) -> None:
        self.entries = entries

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries() if callable(self.entries) else self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if callable(self.entries):
            self.entries()
        else:
            self.entries = {**self.entries, (service, username): password}

    def delete_password(self, service: str, username: str) -> None:
        assert not callable(self.entries)
        self.entries = {key: value for key, value in self.entries.items() if key != (service, username)}


@pytest.fixture(autouse=True)
def ring() -> Any:
    """Every test begins with an empty keyring; what keyring found before comes back."""
    previous = keyring.get_keyring()
    keyring.set_keyring(Ring({}))
    yield keyring.set_keyring
    keyring.set_keyring(previous)


def search(tmp_path: Path, environ: Mapping[str, str] | None = None, **given: Any) -> TokenSearch:
    options: dict[str, Any] = {"by_option": False, "environ": environ or {}, "home": tmp_path, **given}
    return TokenSearch(options.pop("url", URL), **options)


def everything(tmp_path: Path, ring: Callable[[Ring], None]) -> dict[str, Any]:
    """Set a token up in every source."""
    ring(Ring({("registry-wizard", URL): "from-keyring"}))
    file = tmp_path / "token"
    file.write_text("from-file\n")
    file.chmod(0o600)
    (tmp_path / ".python-gitlab.cfg").write_text(PYTHON_GITLAB)
    (tmp_path / ".config/glab-cli").mkdir(parents=True)
    (tmp_path / ".config/glab-cli/config.yml").write_text(GLAB)
    return {
        "stdin": lambda: "from-stdin\n",
        "file": file,
        "environ": {"GITLAB_TOKEN": "from-variable", "GITLAB_PRIVATE_TOKEN": "from-private"},
    }


def test_the_sources_are_asked_in_their_order(tmp_path: Path, ring: Callable[[Ring], None]) -> None:
    given = everything(tmp_path, ring)
    found = []

    def look() -> None:
        token = search(tmp_path, **given).find()
        found.append(token.secret.reveal() if token else None)

    look()
    given["stdin"] = None
    look()
    given["file"] = None
    look()
    del given["environ"]["GITLAB_TOKEN"]
    look()
    given["environ"] = {}
    look()
    ring(Ring({}))
    look()
    (tmp_path / ".python-gitlab.cfg").unlink()
    look()
    (tmp_path / ".config/glab-cli/config.yml").unlink()
    look()
    assert found == [
        "from-stdin", "from-file", "from-variable", "from-private", "from-keyring", "from-python-gitlab", "from-glab",
        None,
    ]  # fmt: skip


def test_the_keyring_is_not_asked_when_an_earlier_source_hit(tmp_path: Path, ring: Callable[[Ring], None]) -> None:
    asked: list[int] = []
    ring(Ring(lambda: asked.append(1) or None))  # type: ignore[func-returns-value]
    assert search(tmp_path, {"GITLAB_TOKEN": "glpat-1"}).find() is not None
    assert asked == []


@pytest.mark.parametrize(
    ("environ", "by_option", "used"),
    [
        ({}, False, True),
        ({"GITLAB_URL": "https://gitlab.example.com/"}, False, True),
        ({"GITLAB_HOST": "gitlab.example.com"}, False, True),
        ({"CI_SERVER_URL": "https://gitlab.example.com:443"}, False, True),
        ({"GITLAB_HOST": "gitlab.com"}, False, False),
        ({"GITLAB_URL": "https://gitlab.com", "GITLAB_HOST": "gitlab.example.com"}, False, False),
        ({"CI_SERVER_URL": "https://gitlab.example.com:8443"}, False, False),
        ({"GITLAB_URL": "http://gitlab.example.com"}, False, False),
        ({"GITLAB_HOST": "gitlab.com"}, True, True),
    ],
)
def test_a_token_from_the_environment_serves_only_the_host_that_it_is_for(
    tmp_path: Path, environ: dict[str, str], by_option: bool, used: bool
) -> None:
    looking = search(tmp_path, {"GITLAB_TOKEN": "glpat-1", **environ}, by_option=by_option)
    assert (looking.find() is not None) is used
    assert bool(looking.notes) is not used


@pytest.mark.parametrize("url", ["https://gitlab.com", "https://gitlab.example.com:8443", "https://example.com"])
def test_another_hosts_token_in_a_configuration_file_is_not_taken(
    tmp_path: Path, ring: Callable[[Ring], None], url: str
) -> None:
    given = everything(tmp_path, ring)
    (tmp_path / ".python-gitlab.cfg").write_text(PYTHON_GITLAB.replace("https://gitlab.com", "https://a.example"))
    (tmp_path / ".config/glab-cli/config.yml").write_text(GLAB.replace("gitlab.com", "a.example"))
    assert search(tmp_path, {}, url=url).find() is None
    assert given


def test_python_gitlab_runs_a_helper_for_the_token(tmp_path: Path) -> None:
    (tmp_path / ".python-gitlab.cfg").write_text(f"[a]\nurl = {URL}\nprivate_token = helper: echo from-helper\n")
    token = search(tmp_path).find()
    assert token is not None
    assert token.secret.reveal() == "from-helper"


def test_python_gitlab_cfg_is_the_only_file_and_must_exist(tmp_path: Path) -> None:
    (tmp_path / ".python-gitlab.cfg").write_text(PYTHON_GITLAB)
    with pytest.raises(WizardError, match="PYTHON_GITLAB_CFG"):
        search(tmp_path, {"PYTHON_GITLAB_CFG": str(tmp_path / "none")}).find()


@pytest.mark.parametrize("text", ["no section\n", "[a]\nurl"])
def test_a_broken_configuration_file_is_told_without_its_content(tmp_path: Path, text: str) -> None:
    (tmp_path / ".python-gitlab.cfg").write_text(f"{text}\nprivate_token=hunter2")
    with pytest.raises(WizardError) as caught:
        search(tmp_path).find()
    assert caught.value.code == "token-config"
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("content", ["", "\n", "two words", "a\nb", "tök\x1ben"])
def test_a_file_that_holds_no_token_is_refused_without_showing_it(tmp_path: Path, content: str) -> None:
    file = tmp_path / "token"
    file.write_text(content)
    with pytest.raises(WizardError) as caught:
        search(tmp_path, file=file).find()
    assert caught.value.code in {"no-token", "token-malformed"}
    assert not content.strip() or content not in caught.value.message


def test_a_missing_token_file_is_an_error_and_not_the_next_source(tmp_path: Path) -> None:
    with pytest.raises(WizardError) as caught:
        search(tmp_path, {"GITLAB_TOKEN": "glpat-1"}, file=tmp_path / "none").find()
    assert caught.value.code == "token-file"


def test_a_token_file_that_others_can_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("glpat-1\n")
    file.chmod(0o644)
    looking = search(tmp_path, file=file)
    assert looking.find() is not None
    assert "chmod 600" in looking.notes[0]


def test_a_keyring_that_never_answers_is_given_up(
    monkeypatch: pytest.MonkeyPatch, ring: Callable[[Ring], None]
) -> None:
    ring(Ring(lambda: time.sleep(2)))
    with pytest.raises(WizardError, match="did not answer"):
        os_keyring.look_up("a", "b", limit=0.05)


def test_a_backend_that_keeps_nothing_is_refused(tmp_path: Path, ring: Callable[[Any], None]) -> None:
    ring(keyring.backends.null.Keyring())  # type: ignore[no-untyped-call]
    looking = search(tmp_path)
    assert looking.find() is None
    assert "null" in looking.notes[0]


def test_a_backend_that_keeps_secrets_in_the_clear_is_refused(tmp_path: Path, ring: Callable[[Any], None]) -> None:
    plain = type("PlaintextKeyring", (Ring,), {"__module__": "keyrings.alt.file"})
    ring(plain({("registry-wizard", URL): "from-plaintext"}))
    looking = search(tmp_path)
    assert looking.find() is None
    assert "PlaintextKeyring" in looking.notes[0]


def test_a_locked_keyring_is_passed_over_with_a_note(tmp_path: Path, ring: Callable[[Ring], None]) -> None:
    def locked() -> str | None:
        raise keyring.errors.KeyringLocked("Failed to unlock the collection!")

    ring(Ring(locked))
    looking = search(tmp_path)
    assert looking.find() is None
    assert "KeyringLocked" in looking.notes[0]


def test_a_token_is_kept_where_the_next_search_finds_it(tmp_path: Path, ring: Callable[[Ring], None]) -> None:
    ring(Ring({("registry-wizard", URL): "old"}))
    keeper = TokenKeeper(URL)
    assert keeper.can_keep()
    keeper.keep(Secret("glpat-new"))
    token = search(tmp_path).find()
    assert token is not None
    assert (token.secret.reveal(), token.source) == ("glpat-new", "the keyring")


def test_a_token_that_is_taken_out_is_found_no_more(tmp_path: Path, ring: Callable[[Ring], None]) -> None:
    ring(Ring({("registry-wizard", URL): "old", ("registry-wizard", "https://other.example"): "theirs"}))
    TokenKeeper(URL).forget()
    TokenKeeper(URL).forget()  # what is not there stays so
    assert search(tmp_path).find() is None
    assert os_keyring.look_up("registry-wizard", "https://other.example") == Secret("theirs")


@pytest.mark.parametrize("module", ["keyring.backends.null", "keyrings.alt.file", "keyring.backends.fail"])
def test_a_token_is_not_kept_where_anybody_could_read_it_or_nobody(ring: Callable[[Any], None], module: str) -> None:
    backend = type("PlaintextKeyring", (Ring,), {"__module__": module})({})
    ring(backend)
    assert not TokenKeeper(URL).can_keep()
    with pytest.raises(WizardError) as caught:
        TokenKeeper(URL).keep(Secret("glpat-new"))
    assert caught.value.code in {"keyring-refused", "no-keyring"}
    assert "glpat-new" not in str(caught.value)
    assert backend.entries == {}


def test_a_keyring_that_forgets_is_told(ring: Callable[[Any], None]) -> None:
    ring(Ring(lambda: None))
    with pytest.raises(WizardError, match="did not keep it"):
        TokenKeeper(URL).keep(Secret("glpat-new"))


def test_a_keyring_that_stays_locked_is_told_without_the_token(ring: Callable[[Any], None]) -> None:
    def locked() -> str | None:
        raise keyring.errors.KeyringLocked("Failed to unlock the collection! glpat-new")

    ring(Ring(locked))
    with pytest.raises(WizardError, match="cannot be written: KeyringLocked") as caught:
        TokenKeeper(URL).keep(Secret("glpat-new"))
    assert "glpat-new" not in str(caught.value)


# local secrets


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repo"
    root.mkdir()
    (root / "inside").write_text("from-file\n\n")
    (root / "empty").write_text("\n")
    (tmp_path / "outside").write_text("elsewhere")
    (root / "link").symlink_to(tmp_path / "outside")
    return root


def local(root: Path | None, environ: Mapping[str, str] | None = None, **given: Any) -> LocalSecrets:
    return LocalSecrets(root, environ or {}, **given)


def test_a_reference_is_read_from_where_it_points(repository: Path, ring: Callable[[Ring], None]) -> None:
    ring(Ring({("harbor/prod", "robot"): "from-keyring"}))
    secrets = local(repository, {"PASS": " from-env "}, ask=lambda purpose: Secret(f"typed for {purpose}"))
    found = secrets.read_all(["env:PASS", "file:inside", "keyring:harbor/prod/robot", "ask:x", "ask:y"])
    assert {name: secret.reveal() for name, secret in found.items()} == {
        "env:PASS": " from-env ",
        "file:inside": "from-file\n",
        "keyring:harbor/prod/robot": "from-keyring",
        "ask:x": "typed for x",
        "ask:y": "typed for y",
    }


@pytest.mark.parametrize(
    "reference",
    ["env:UNSET", "env:EMPTY", "file:none", "file:empty", "file:.", "keyring:harbor/nobody", "keyring:noslash"],
)
def test_what_is_missing_or_empty_is_told_by_name(repository: Path, reference: str) -> None:
    with pytest.raises(WizardError) as caught:
        local(repository, {"EMPTY": ""}).read(reference)
    assert caught.value.code == "secret-unavailable"
    assert reference in caught.value.message


def test_all_that_is_missing_is_told_at_once(repository: Path) -> None:
    with pytest.raises(WizardError) as caught:
        local(repository).read_all(["env:ONE", "file:inside", "env:TWO"])
    assert "env:ONE" in caught.value.message
    assert "env:TWO" in caught.value.message


def test_asking_without_a_terminal_is_wrong_usage(repository: Path) -> None:
    with pytest.raises(UsageError):
        local(repository).read_all(["env:UNSET", "ask"][1:])


def test_a_relative_file_needs_a_repository() -> None:
    with pytest.raises(WizardError, match="relative"):
        local(None).read("file:secret")


@pytest.mark.parametrize(
    ("reference", "risky"),
    [
        ("env:HARBOR", False),
        ("env:GITLAB_TOKEN", True),
        ("env:GITLAB_PRIVATE_TOKEN", True),
        ("env:COPY_OF_THE_TOKEN", True),
        ("file:inside", False),
        ("file:none", False),
        ("file:../outside", True),
        ("file:link", True),
        ("file:/etc/hostname", True),
        ("keyring:a/b", True),
        ("ask", False),
    ],
)
def test_a_secret_that_may_have_nothing_to_do_with_the_project_needs_a_yes(
    repository: Path, reference: str, risky: bool
) -> None:
    token = Token(Secret("glpat-1"), "GITLAB_TOKEN", "GITLAB_TOKEN")
    secrets = local(repository, {"HARBOR": "x", "COPY_OF_THE_TOKEN": "glpat-1"}, token=token)
    assert (secrets.risk(reference) is not None) is risky


def test_a_plan_looks_only_at_secrets_that_need_no_consent(repository: Path) -> None:
    secrets = local(repository, {"A": "1"}, ask=lambda purpose: Secret(f"typed for {purpose}"))
    named = ["env:A", "env:UNSET", "file:link", "ask", "file:inside"]
    assert list(secrets.read_quietly(named)) == ["env:A", "file:inside"]
    assert list(secrets.read_quietly(named, {"file:link"})) == ["env:A", "file:link", "file:inside"]
