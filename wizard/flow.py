"""How questions are asked: which come up, what stands there already, what an answer changes.

Pure functions that every front end shares. The draft holds only what was answered; a default that nobody touched is
worked out anew each time, from the answers and from the untouched defaults before it. A question of a list's item
looks at the item in `Known.item`, every other question at the draft.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from wizard.answer_keys import named
from wizard.contradictions import contradictions
from wizard.lookups import Lookups, joined
from wizard.preview import Preview
from wizard.question import NULL, SET_UP, UNMANAGED, Choice, Draft, Known, ListQuestion, Question, Step
from wizard.questions import STEPS

Place = tuple[Question | ListQuestion, Known]
"""A question that comes up, and what is known when it does."""


def steps(known: Known) -> tuple[Step, ...]:
    """Return the steps that apply, in order."""
    return tuple(step for step, places in _walk(known) if places)


def flow(step: Step, known: Known) -> tuple[Question | ListQuestion, ...]:
    """Return the questions of a step that come up now."""
    return tuple(question for its, places in _walk(known) if its is step for question, _ in places)


def item_flow(listing: ListQuestion, known: Known) -> tuple[Question, ...]:
    """Return the questions that come up for the item in `known`."""
    return tuple(question for question, _ in _item_places(listing, known))


def listing_of(question: Question | ListQuestion) -> ListQuestion | None:
    """Return the list that a question of an item belongs to; None for every other question."""
    return _LISTING.get(id(question))


def topic_of(question: Question | ListQuestion) -> str:
    """Return the help page that explains a question: its own, that of its list, or that which its step begins with."""
    listing = listing_of(question) if isinstance(question, Question) else None
    return question.topic or (listing.topic if listing else "") or _FIRST_TOPIC[id(listing or question)]


def introduction(step: Step, known: Known) -> str:
    """Return what a step says before its questions: what was found, and what is recommended."""
    for its, places in _walk(known):
        if its is step and places:
            return step.intro(places[0][1])
    return step.intro(known)


def preview(step: Step, asked: Question | ListQuestion | None, known: Known) -> Preview | None:
    """Return what stands beside a question of a step; else what stands beside the step.

    Of a list `Known.item` is the item under the cursor.
    """
    listing = listing_of(asked) if isinstance(asked, Question) else None
    if listing is not None and isinstance(asked, Question):
        return item_preview(listing, asked, known)
    own = asked.preview(replace(_assumed(asked, known), item=known.item)) if asked else None
    return own or step.preview(_at_the_end(step, known))


def item_preview(listing: ListQuestion, asked: Question | None, known: Known) -> Preview | None:
    """Return what stands beside a question of the item in `known`; else what stands beside its list."""
    own = asked.preview(_assumed(asked, known)) if asked else None
    return own or listing.preview(replace(_assumed(listing, known), item=known.item))


def lookups(step: Step, known: Known) -> Lookups:
    """Return what has not been read yet and would complete the previews of a step."""
    return joined(question.needs(here) for its, places in _walk(known) if its is step for question, here in places)


def item_lookups(listing: ListQuestion, known: Known) -> Lookups:
    """Return what has not been read yet and would complete the previews of the item in `known`."""
    return joined(question.needs(here) for question, here in _item_places(listing, known))


def given(question: Question, known: Known) -> Any:
    """Return the answer that was given, None where there is none; a null reads as NULL or as UNMANAGED."""
    draft = Draft(known.item) if listing_of(question) else known.draft
    if question.section and _at(draft, question.section) is NULL:
        return UNMANAGED
    value = _at(draft, question.key)
    return SET_UP if isinstance(value, Mapping) else value


def default_of(question: Question, known: Known) -> Any:
    """Return the recommended answer; None: there is none."""
    return _default(question, _assumed(question, known))


def value_of(question: Question, known: Known) -> Any:
    """Return the answer that stands now: the one that was given, else the recommended one; None: neither."""
    value = given(question, known)
    return default_of(question, known) if value is None else value


def needs_a_person(asked: Question | ListQuestion, known: Known) -> bool:
    """Whether going on would not be what is recommended: it has to be looked at before.

    Of a secret only a guess is recommended (where it might lie), so it needs to be seen once; so does a list to which
    something should be added.
    """
    if isinstance(asked, ListQuestion):
        return len(items_of(asked, known)) < asked.least or recommends_adding(asked, known)
    if asked.form == "secret":
        return given(asked, known) is None
    return not asked.optional and value_of(asked, known) is None


def choices_of(question: Question, known: Known) -> tuple[Choice, ...]:
    """Return what can be chosen, and of a text what is suggested."""
    here = _assumed(question, known)
    choices = question.choices(here)
    if question.form == "many":
        listed = {choice.value for choice in choices}
        choices += tuple(Choice(value, str(value)) for value in given(question, here) or () if value not in listed)
    return choices


def suggestions(listing: ListQuestion, known: Known) -> tuple[Mapping[str, Any], ...]:
    """Return items that were found and are not on the list yet; further questions complete them."""
    return listing.suggest(_assumed(listing, known))


def recommends_adding(listing: ListQuestion, known: Known) -> bool:
    """Whether adding the first suggestion is the recommended answer."""
    here = _assumed(listing, known)
    return listing.eager(here) and bool(listing.suggest(here))


def apply_answer(known: Known, question: Question, value: Any) -> Draft:
    """Return the draft with an answer; None takes it back, so that the default holds again."""
    return _put(known.draft, question, value)


def answer_item(known: Known, question: Question, value: Any) -> Mapping[str, Any]:
    """Return the item in `known` with an answer; None takes it back."""
    return _put(Draft(known.item), question, value).document


def items_of(listing: ListQuestion, known: Known) -> tuple[Mapping[str, Any], ...]:
    """Return the items that are on a list."""
    items = known.draft.get(listing.key) or ()
    return tuple(item for item in items if isinstance(item, Mapping))


def with_items(known: Known, listing: ListQuestion, items: Iterable[Mapping[str, Any]]) -> Draft:
    """Return the draft with these items on a list."""
    return known.draft.put(listing.key, [dict(item) for item in items])


def settled_item(listing: ListQuestion, known: Known) -> Mapping[str, Any]:
    """Return the item in `known` as it is kept: what was answered, and defaults that differ from the format's."""
    item = Draft({})
    for question, here in _item_places(listing, known):
        value = given(question, here)
        if value is None:
            value = _default(question, here)
            key = named(f"{listing.key}.{question.key}", str(here.item.get("to", "")))
            if value == key.default and not key.required:
                continue
        item = _put(item, question, value)
    return item.document


def item_problem(listing: ListQuestion, items: Iterable[Mapping[str, Any]], index: int) -> str | None:
    """Return why the item at `index` cannot stand on the list: there twice already, or contradicting itself."""
    document = Draft().put(listing.key, [dict(item) for item in items]).document
    place = (*listing.key.split("."), index)
    return next((words for path, words in contradictions(document) if path[: len(place)] == place), None)


def settled(known: Known) -> Draft:
    """Return the answers as they are kept: given or recommended, of the questions that come up, and no others."""
    draft = Draft()
    for _, places in _walk(known):
        for question, here in places:
            if isinstance(question, ListQuestion):
                items = items_of(question, known)
                draft = with_items(Known(draft), question, items) if items else draft
            elif given(question, here) is not None or not question.detected:
                value = value_of(question, here)
                left_alone = bool(question.section) and value == UNMANAGED
                draft = draft if left_alone else _put(draft, question, value)
    return draft


def _walk(known: Known) -> Iterator[tuple[Step, list[Place]]]:
    draft = known.draft
    for step in STEPS:
        places: list[Place] = []
        if step.when(replace(known, draft=draft)):
            for question in step.questions:
                here = replace(known, draft=draft)
                if question.when(here):
                    places.append((question, here))
                    draft = _with_default(question, here)
        yield step, places


def _item_places(listing: ListQuestion, known: Known) -> Iterator[tuple[Question, Known]]:
    here = replace(_assumed(listing, known), item=known.item)
    for question in listing.item:
        if question.when(here):
            yield question, here
            if given(question, here) is None:
                here = replace(here, item=answer_item(here, question, _default(question, here)))


def _assumed(question: Question | ListQuestion, known: Known) -> Known:
    """Return what is known when `question` comes up: untouched defaults before it are filled in."""
    listing = listing_of(question)
    if listing:
        return next((here for found, here in _item_places(listing, known) if found is question), known)
    return next((here for _, places in _walk(known) for found, here in places if found is question), known)


def _at_the_end(step: Step, known: Known) -> Known:
    """Return what is known behind a step's last question: its untouched defaults are filled in, too."""
    for its, places in _walk(known):
        if its is step and places:
            question, here = places[-1]
            return replace(here, draft=_with_default(question, here))
    return known


def _with_default(question: Question | ListQuestion, here: Known) -> Draft:
    if isinstance(question, ListQuestion) or given(question, here) is not None:
        return here.draft
    return _put(here.draft, question, _default(question, here))


def _default(question: Question, here: Known) -> Any:
    around = here.draft.get(question.section) if question.section else None
    if isinstance(around, Mapping):
        # the section was opened, so what the format means by leaving the key out holds
        return named(question.key).default
    return question.default(here)


def _put(draft: Draft, question: Question, value: Any) -> Draft:
    if question.section and value == UNMANAGED:
        return draft.put(question.section, NULL)
    if question.section and value == SET_UP:
        return draft if isinstance(draft.get(question.key), Mapping) else draft.put(question.key, {})
    if value is None:
        return _without(draft, question)
    return draft.put(question.key, list(value) if isinstance(value, tuple) else value)


def _without(draft: Draft, question: Question) -> Draft:
    """Take an answer back; a section stays open when its last answer goes, unless that was the choice to open it."""
    if _at(draft, question.key) is None:
        return draft
    left = draft.put(question.key, None)
    for section in () if question.section else _SECTIONS:
        if isinstance(draft.get(section), Mapping) and left.get(section) is None:
            left = left.put(section, {})
    return left


def _at(draft: Draft, key: str) -> Any:
    """Return the value at a dotted key, NULL for a null, None where there is nothing."""
    here: Any = draft.document
    for part in key.split("."):
        if not isinstance(here, Mapping) or part not in here:
            return None
        here = here[part]
    return NULL if here is None else here


_SECTIONS = tuple(
    question.section
    for step in STEPS
    for question in step.questions
    if isinstance(question, Question) and question.section
)
_FIRST_TOPIC: Mapping[int, str] = {
    id(question): step.questions[0].topic for step in STEPS for question in step.questions
}
_LISTING: Mapping[int, ListQuestion] = {
    id(question): listing
    for step in STEPS
    for listing in step.questions
    if isinstance(listing, ListQuestion)
    for question in listing.item
}
