"""Further CI/CD variables of the project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wizard.previews.variables import all_variables
from wizard.question import Choice, Known, ListQuestion, Question, Step
from wizard.questions.common import fits, maskable, removal
from wizard.secret import parse_reference
from wizard.state import Unknown, VariableState


def _title(item: Mapping[str, Any]) -> str:
    scope = item.get("scope", "*")
    name = f"{item.get('key', '')}{'' if scope == '*' else f' for {scope}'}"
    return f"{name} (remove)" if item.get("absent") else name


def _wanted(known: Known) -> bool:
    return not known.item.get("absent")


def _masked(known: Known) -> bool:
    return _wanted(known) and known.item.get("masked") is not False


def _plain(known: Known) -> bool:
    return _wanted(known) and known.item.get("masked") is False


def _key(text: str) -> str | None:
    if text.startswith("CI_"):
        return "names that begin with CI_ are GitLab's own"
    return fits("variables.key")(text)


def _present(known: Known) -> VariableState | None:
    """Return the variable as it is in GitLab, so that what is not changed stays the default."""
    variables = known.state.variables if known.state else ()
    identity = (known.item.get("key"), known.item.get("scope", "*"))
    if isinstance(variables, Unknown):
        return None
    return next((found for found in variables if (found.key, found.environment_scope) == identity), None)


def _as_it_is(field: str, otherwise: Any) -> Callable[[Known], Any]:
    def default(known: Known) -> Any:
        present = _present(known)
        return otherwise if present is None else getattr(present, field)

    return default


def _reference(known: Known) -> str:
    return f"env:{known.item.get('key', 'NAME')}"


def _hidden_again(known: Known) -> bool:
    present = _present(known)
    return True if present is None else present.hidden


def _intro(known: Known) -> str:
    variables = known.state.variables if known.state else ()
    text = "Jobs get variables as environment variables. What the pipeline needs for the registry is set by itself."
    if isinstance(variables, Unknown) or not variables:
        return text
    return f"{text} {len(variables)} exist here; what you do not name stays as it is."


_ITEM = (
    Question(
        key="key",
        text="What is the variable called?",
        help="Letters, digits and underscores; jobs read it under this name.",
        form="text",
        check=_key,
    ),
    Question(
        key="scope",
        text="For the jobs of which environments?",
        help="The name of an environment, or a pattern: review/* for all that begin so. `*` means every job.",
        form="text",
        default=lambda _: "*",
        check=fits("variables.scope"),
    ),
    removal("variable", "deletes the variable of this name and scope in GitLab"),
    Question(
        key="masked",
        text="Is its value a secret?",
        help="GitLab then shows [MASKED] in job logs in place of the value, and the value is never written here.",
        form="confirm",
        default=_as_it_is("masked", True),
        when=_wanted,
        topic="masking",
    ),
    Question(
        key="hidden",
        text="Shall nobody be able to read it in GitLab again?",
        help="A hidden value can only be replaced. It can be hidden only when it is created.",
        form="confirm",
        default=_hidden_again,
        when=_masked,
        topic="masking",
    ),
    Question(
        key="value",
        text="Where is the value?",
        help="Say where it is, not what it is: env:NAME, file:PATH or keyring:SERVICE/USER; ask: you type it unseen.",
        form="secret",
        default=_reference,
        unseen=maskable,
        check=lambda text: None if parse_reference(text) else fits("registry.external.password")(text),
        when=_masked,
        topic="secrets",
    ),
    Question(
        key="value",
        text="What is the value?",
        help="It stands in the answers file for everybody to read. A value that begins with env:, file: or keyring: is "
        "looked up there; put literal: before it to mean it as it stands.",
        form="text",
        check=fits("variables.value"),
        when=_plain,
    ),
    Question(
        key="protected",
        text="Shall only protected branches and tags get it?",
        help="Then a job on any other branch runs without it, and a merge request cannot read it out.",
        form="confirm",
        default=_as_it_is("protected", False),
        when=_wanted,
        topic="protected",
    ),
    Question(
        key="raw",
        text="Shall a $ in the value stay a $?",
        help="Otherwise GitLab puts other variables in where the value says $NAME, which breaks many passwords.",
        form="confirm",
        default=lambda _: True,
        when=_wanted,
    ),
    Question(
        key="type",
        text="How do jobs get the value?",
        help="As the value itself, or as the path of a file that holds it, as kubectl or gcloud like it.",
        form="choice",
        default=_as_it_is("variable_type", "env_var"),
        choices=lambda _: (Choice("env_var", "as the value"), Choice("file", "as a file")),
        when=_wanted,
    ),
    Question(
        key="description",
        text="What is it for?",
        help="A note that GitLab shows beside it.",
        form="text",
        check=fits("variables.description"),
        optional=True,
        when=_wanted,
    ),
)

STEP = Step(
    key="variables",
    title="Variables",
    intro=_intro,
    preview=all_variables,
    questions=(
        ListQuestion(
            key="variables",
            text="Which further variables do your jobs need?",
            help="Only those that you name are set or removed.",
            noun="variable",
            title=_title,
            topic="variables",
            item=_ITEM,
        ),
    ),
)
