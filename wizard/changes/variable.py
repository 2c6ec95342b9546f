"""A CI/CD variable of the project. Its identity is (key, environment scope).

Source: GitLab's project-level variables API. Every flag is sent explicitly; `masked_and_hidden` exists on creation only
(17.4), so a variable that must become hidden, or stop being so, is made again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wizard.change import KNOWN_AFTER_APPLY, Change
from wizard.changes.auth_config import changed_entries, keys_of, merged_auth_config, takes_out, without_entries
from wizard.changes.kind import BEFORE_UNKNOWN, Hands, Left, Outcome, Seen, changed_since, differing, moved
from wizard.errors import WizardError
from wizard.gateways.gitlab import Api, NotFoundError, encoded
from wizard.masking import why_not_maskable
from wizard.secret import MASK, Secret

FLAGS = ("variable_type", "masked", "hidden", "protected", "raw")


class Variables:
    """Creates, updates and deletes one variable."""

    def observe(self, change: Change, hands: Hands) -> Seen:
        """Compare existence and flags with what the plan saw; a readable value with what is wanted."""
        found = _find(change, hands.api)
        if change.action == "delete":
            return Seen.AS_WANTED if found is None else self._expected(change, found, hands)
        if found is not None and self._as_wanted(change, found, hands):
            return Seen.AS_WANTED
        return self._expected(change, found, hands)

    def foresee(self, change: Change, hands: Hands) -> Mapping[str, Any]:
        """Keep the flags that the plan saw; None where there was no variable."""
        if not change.expects.get("known", True):
            return BEFORE_UNKNOWN
        if not change.expects["exists"]:
            return {"flags": None}
        description = (change.before or {}).get("description")
        undo = {"flags": {**change.expects["flags"], "description": description}}
        if "auths" in change.inputs:
            undo |= changed_entries(change.inputs, _readable(_find(change, hands.api)))
        return undo

    def perform(self, changes: Sequence[Change], hands: Hands) -> list[Outcome]:
        """Write the variable; what GitLab returns must have the flags that were sent."""
        (change,) = changes
        found = _find(change, hands.api)
        undo: dict[str, Any] = {"flags": _flags(found)}
        if (present := _readable(found)) is not None and change.id not in hands.uncertain:
            hands.previous[change.id] = present
        if change.action == "delete":
            _delete(change, hands.api)
            return [Outcome("deleted", undo)]
        value = self._value(change, found, hands)
        self._check_masking(change, value)
        hands.written[change.id] = value
        if "auths" in change.inputs:
            undo |= changed_entries(change.inputs, present)
        if found is None:
            _create(change, value, hands.api)
            return [Outcome("created", undo)]
        if _must_be_made_again(change, found):
            _replace(change, found, value, hands.api)
        else:
            _update(change, value, hands.api)
        return [Outcome("updated", undo)]

    def revert(self, change: Change, undo: Mapping[str, Any], hands: Hands) -> Left | None:
        """Bring back what was there: no variable, or its flags and its value where that is still known."""
        found = _find(change, hands.api)
        if undo["flags"] is None:
            return self._remove(change, found, hands)
        previous = hands.previous.get(change.id) or _plain_before(change)
        if previous is None:
            return self._take_out(change, undo, found, hands)
        before = {**undo["flags"], "value": previous.reveal()}
        if found is not None and not differing(before, found):
            return None
        if found is None:
            _post(change, before, hands.api)
        elif not self._ours(change, found, hands):
            return changed_since(change)
        elif bool(before["hidden"]) != bool(found.get("hidden")):
            _delete(change, hands.api)
            _post(change, before, hands.api)
        else:
            _put(change, before, hands.api)
        return None

    def _remove(self, change: Change, found: Mapping[str, Any] | None, hands: Hands) -> Left | None:
        if found is None:
            return None
        if not self._ours(change, found, hands):
            return changed_since(change)
        _delete(change, hands.api)
        return None

    def _take_out(
        self, change: Change, undo: Mapping[str, Any], found: Mapping[str, Any] | None, hands: Hands
    ) -> Left | None:
        """Take our entries out of a merged value; any other secret value that was replaced is lost."""
        if found is not None and _never_made(change, undo["flags"], found):
            return None
        if not takes_out(undo):
            return Left(f"{change.id}: its previous value is a secret that nobody keeps; it stays as it is", lost=True)
        if found is None or found.get("value") is None:
            return changed_since(change)
        present = Secret(found["value"])
        value = without_entries(present, undo["added"])
        flags = {name: undo["flags"][name] for name in FLAGS}
        if value == present and not differing(flags, found):
            return None
        _put(change, {**undo["flags"], "value": value.reveal()}, hands.api)
        return None

    def _ours(self, change: Change, found: Mapping[str, Any], hands: Hands) -> bool:
        """Whether a variable is still as we made it, as far as GitLab shows it."""
        if change.after is None or differing(_wanted_flags(change), found):
            return False
        if found.get("value") is None:
            return True
        present = Secret(found["value"])
        written = hands.written.get(change.id) or _plain(change.after)
        if written is not None:
            return present == written
        return "auths" not in change.inputs or keys_of(present) <= set(change.inputs["auths"])

    def _expected(self, change: Change, found: Mapping[str, Any] | None, hands: Hands) -> Seen:
        if not change.expects.get("known", True) or change.id in hands.uncertain:
            return Seen.AS_EXPECTED
        if change.expects["exists"] != (found is not None):
            raise moved(change, "it was deleted" if found is None else "somebody created it")
        if found is not None and (names := differing(change.expects.get("flags", {}), found)):
            raise moved(change, f"{', '.join(names)} changed")
        return Seen.AS_EXPECTED

    def _as_wanted(self, change: Change, found: Mapping[str, Any], hands: Hands) -> bool:
        if differing(_wanted_flags(change), found) or change.inputs.get("rotate"):
            return False
        if found.get("value") is None:
            return False
        try:
            return Secret(found["value"]) == self._value(change, found, hands)
        except WizardError:
            return False

    def _value(self, change: Change, found: Mapping[str, Any] | None, hands: Hands) -> Secret:
        if "auths" in change.inputs:
            present = _readable(found)
            if found is not None and present is None and not change.inputs.get("fresh"):
                raise moved(change, "its value became hidden")
            return merged_auth_config(change.inputs, present or None, hands)
        if "value" in change.inputs:
            return hands.value(change.inputs["value"])
        if found and found.get("value") is not None:
            return Secret(found["value"])
        raise WizardError("secret-unavailable", f"{change.id}: its value is not known", "Name it in the answers.")

    def _check_masking(self, change: Change, value: Secret) -> None:
        after = change.after or {}
        reason = why_not_maskable(value, raw=bool(after.get("raw"))) if after.get("masked") else None
        if reason:
            raise WizardError(
                "not-maskable",
                f"{change.id}: GitLab cannot mask this value: {reason}",
                "Change the value or its flags.",
            )


def _readable(found: Mapping[str, Any] | None) -> Secret | None:
    """Return the value where there is one and GitLab shows it."""
    return Secret(found["value"]) if found and found.get("value") is not None else None


def _plain_before(change: Change) -> Secret | None:
    """Return the previous value where it was no secret, as the plan showed it."""
    return _plain(change.before)


def _plain(side: Mapping[str, Any] | None) -> Secret | None:
    """Return the value of a side of the change where the plan shows it."""
    shown = (side or {}).get("value")
    return Secret(shown) if isinstance(shown, str) and shown not in {MASK, KNOWN_AFTER_APPLY} else None


def _never_made(change: Change, before: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Whether a change that would show in the flags, or remove the variable, does not show."""
    tells = change.after is None or differing(_wanted_flags(change), before)
    return bool(tells) and not differing(before, found)


def _wanted_flags(change: Change) -> dict[str, Any]:
    return {name: (change.after or {})[name] for name in FLAGS}


def _flags(found: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {name: found.get(name) for name in (*FLAGS, "description")} if found else None


def _identity(change: Change) -> tuple[str, str]:
    key, _, scope = change.id.removeprefix("variable:").partition("@")
    return key, scope


def _path(change: Change, key: str = "") -> str:
    return f"/projects/{change.expects['project_id']}/variables" + (f"/{encoded(key)}" if key else "")


def _find(change: Change, api: Api) -> Mapping[str, Any] | None:
    key, scope = _identity(change)
    try:
        found: Mapping[str, Any] = api.get(_path(change, key), **{"filter[environment_scope]": scope})
    except NotFoundError:
        return None
    return _named(found)


def _named(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an answer that is about a variable; ApiError for any other, which would read as one without a value."""
    _ = answer["key"], answer["variable_type"]
    return answer


def _delete(change: Change, api: Api) -> None:
    key, scope = _identity(change)
    api.send("delete", _path(change, key), query={"filter[environment_scope]": scope})


def _put(change: Change, body: Mapping[str, Any], api: Api) -> Mapping[str, Any]:
    key, scope = _identity(change)
    sent = {name: value for name, value in body.items() if name != "hidden"}
    return _named(api.send("put", _path(change, key), sent, {"filter[environment_scope]": scope}))


def _post(change: Change, body: Mapping[str, Any], api: Api) -> Mapping[str, Any]:
    key, scope = _identity(change)
    sent = {name: value for name, value in body.items() if name != "hidden" and value is not None}
    if body.get("hidden"):
        sent["masked_and_hidden"] = True
    return _named(api.send("post", _path(change), {**sent, "key": key, "environment_scope": scope}))


def _body(change: Change, value: Secret) -> dict[str, Any]:
    after = change.after or {}
    described = {"description": after["description"]} if after.get("description") else {}
    return {**_wanted_flags(change), **described, "value": value.reveal()}


def _create(change: Change, value: Secret, api: Api) -> None:
    answer = _post(change, _body(change, value), api)
    ignored = differing(_wanted_flags(change), answer)
    if ignored:
        _delete(change, api)
        raise WizardError(
            "flags-ignored",
            f"{change.id}: this GitLab did not keep {', '.join(ignored)}; the variable was removed again",
            "Hidden variables need GitLab 17.4; ask its administrator, or set hidden: false.",
        )


def _update(change: Change, value: Secret, api: Api) -> None:
    ignored = differing(_wanted_flags(change), _put(change, _body(change, value), api))
    if ignored:
        raise WizardError("flags-ignored", f"{change.id}: this GitLab did not keep {', '.join(ignored)}", "")


def _must_be_made_again(change: Change, found: Mapping[str, Any]) -> bool:
    wanted = _wanted_flags(change)
    return bool(wanted["hidden"] != bool(found.get("hidden")) or (found.get("hidden") and not wanted["masked"]))


def _replace(change: Change, found: Mapping[str, Any], value: Secret, api: Api) -> None:
    """Delete and create, because hiding cannot be switched; a refusal brings a readable old one back."""
    _delete(change, api)
    try:
        _create(change, value, api)
    except WizardError:
        if found.get("value") is not None and _find(change, api) is None:
            _post(change, {**(_flags(found) or {}), "value": found["value"]}, api)
        raise
