"""One widget for each form of question."""

from __future__ import annotations

from collections.abc import Mapping

from screens.forms.choice import ChoiceForm, ConfirmForm
from screens.forms.form import Form
from screens.forms.items import ItemsForm
from screens.forms.many import ManyForm
from screens.forms.secret import SecretForm
from screens.forms.text import NumberForm, TextForm
from wizard import question as questions

FORMS: Mapping[questions.Form, type[Form]] = {
    "choice": ChoiceForm,
    "many": ManyForm,
    "text": TextForm,
    "number": NumberForm,
    "confirm": ConfirmForm,
    "secret": SecretForm,
}


def form_of(question: questions.Question | questions.ListQuestion) -> Form:
    """Return the widget that asks a question."""
    if isinstance(question, questions.ListQuestion):
        return ItemsForm(question)
    return FORMS[question.form](question)
