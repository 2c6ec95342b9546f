"""The questions of one page, below each other; one of them is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.events import DescendantBlur, DescendantFocus, Resize
from textual.message import Message

from screens.course import Asked, Course
from screens.forms import form_of
from screens.forms.form import KEEP, Form
from screens.forms.items import ItemsForm, Place
from screens.widgets.rows import Rows
from wizard import flow
from wizard.question import Known, ListQuestion, Question
from wizard.replies import Problem

_MOST_ROWS, _LEAST_ROWS = 12, 4
_AROUND_ROWS = 3
"""Lines of a question beside its rows: the question itself, on two lines where it is long, and one below."""


class Questionnaire(VerticalScroll, can_focus=False):
    """Asks the questions that come up, and takes each answer in when its question is left.

    Enter leads to the next question that needs a person: one that nothing is recommended for, or one that came up by
    the answer just given. Where there is none it completes the page, so that recommended answers need one key a page.
    Tab opens any question.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "open(1)", "Look at the next", key_display="⇥", id="questions.next"),
        Binding("shift+tab", "open(-1)", "Look at the one before", show=False, id="questions.previous"),
    ]

    @dataclass
    class Completed(Message):
        """The last question was passed."""

    @dataclass
    class Focused(Message):
        """Another question is open, or another answer is under its cursor."""

        question: Asked
        explanation: str
        known: Known
        """What would be known if the answer under the cursor were taken."""
        item: Mapping[str, Any] | None = None
        """Of a list: the item under the cursor."""

    @dataclass
    class ItemOpened(Message):
        """An item of a list is to be added or changed."""

        listing: ListQuestion
        place: Place

    def __init__(self, course: Course, known: Known) -> None:
        """Ask the questions of `course`, beginning with what is `known`."""
        super().__init__()
        self._course = course
        self.known = known
        self._seen: set[Form] = set()
        """Forms whose answer was confirmed here, so that a guess is not asked for twice."""

    def compose(self) -> ComposeResult:
        """A form for every question that may come up."""
        for question in self._course.all:
            yield form_of(question)

    def on_mount(self) -> None:
        """Show what stands, and open the first question."""
        self._show()
        self._open(next(iter(self._asked()), None))

    def on_resize(self, event: Resize) -> None:
        """Let no list be higher than the room for its question, so that the row under the cursor can be seen."""
        for rows in self.query(Rows):
            rows.styles.max_height = min(_MOST_ROWS, max(_LEAST_ROWS, event.size.height - _AROUND_ROWS))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's
        """Offer other questions only where there are any."""
        return action != "open" or len(self._asked()) > 1

    def action_open(self, direction: int) -> None:
        """Open the next question, or the one before; behind the last comes the first."""
        asked = self._asked()
        here = self._here()
        if asked:
            self._open(asked[(asked.index(here) + direction) % len(asked)] if here in asked else asked[0])

    def take(self, form: Form) -> bool:
        """Take in what a form means; False where it says what is wrong with that."""
        reply = form.reply(self.known)
        if isinstance(reply, Problem):
            form.complain(reply.message)
            return False
        form.complain("")
        self._seen.add(form)
        if reply is not KEEP and isinstance(form.asked, Question):
            self.known = self._course.answer(self.known, form.asked, reply)
        self._show()
        return True

    def take_all(self) -> bool:
        """Take in every answer; opens the first that is wrong."""
        for form in self._open_one_first():
            if form.display and not self.take(form):
                self._open(form)
                return False
        return True

    def take_right(self) -> None:
        """Take in every answer that is right, for leaving the page."""
        for form in self._open_one_first():
            if form.display:
                self.take(form)

    def put_items(self, listing: ListQuestion, place: Place, item: dict[str, object] | None) -> None:
        """Change the list: an item replaced, added, or (None) taken off."""
        items = list(flow.items_of(listing, self.known))
        items[place.index : place.index + 1] = [] if item is None else [item]
        self.known = replace(self.known, draft=flow.with_items(self.known, listing, items))
        self._show()

    def know_more(self, known: Known) -> None:
        """Go on with more that was read meanwhile; what is being typed stays."""
        self.known = known
        here = self._here()
        if here is not None:
            self._tell(here)

    def _asked(self) -> list[Form]:
        return [form for form in self.query(Form) if form.display]

    def _open_one_first(self) -> list[Form]:
        """Return all forms; what is being typed comes first, for taking another one shows all as they stood."""
        here = self._here()
        return sorted(self.query(Form), key=lambda form: form is not here)

    def _show(self) -> None:
        now = self._course.now(self.known)
        for form in self.query(Form):
            form.display = any(form.asked is question for question in now)
            if form.display:
                form.show(self.known)

    def _open(self, form: Form | None) -> None:
        if form is not None:
            form.entry().focus()

    def _here(self) -> Form | None:
        """Return the question that is open."""
        return next((form for form in self.query(Form) if form.has_focus_within), None)

    def _following(self, form: Form, before: Sequence[Asked], known: Known) -> Form | None:
        """Return the question that Enter leads to with what is `known`, if `form` is done and `before` had come up."""
        now = self._course.now(known)
        others = [
            other
            for other in self.query(Form)
            if other is not form and other not in self._seen and any(other.asked is asked for asked in now)
        ]
        for other in others:
            if flow.needs_a_person(other.asked, known):
                return other
        return next((other for other in others if all(other.asked is not asked for asked in before)), None)

    def _tell(self, form: Form) -> None:
        """Say what is open, and where Enter leads from there."""
        reply = form.glance(self.known)
        known = self.known
        if isinstance(form.asked, Question) and reply is not KEEP and not isinstance(reply, Problem):
            known = self._course.answer(known, form.asked, reply)
        following = self._following(form, self._course.now(self.known), known)
        form.lead("question" if following else self._course.end)
        self.screen.refresh_bindings()
        self.post_message(self.Focused(form.asked, form.explanation(), known, form.item_here()))

    @on(Form.Passed)
    def _passed(self, event: Form.Passed) -> None:
        event.stop()
        before = self._course.now(self.known)
        if not self.take(event.form):
            return
        following = self._following(event.form, before, self.known)
        if following is not None:
            self._open(following)
        elif self.take_all():
            self.post_message(self.Completed())

    @on(Form.Explained)
    def _explained(self, event: Form.Explained) -> None:
        event.stop()
        self._tell(event.form)

    @on(ItemsForm.Opened)
    def _item_opened(self, event: ItemsForm.Opened) -> None:
        event.stop()
        self.post_message(self.ItemOpened(event.form.asked, event.place))

    @on(ItemsForm.Dropped)
    def _item_dropped(self, event: ItemsForm.Dropped) -> None:
        event.stop()
        self.put_items(event.form.asked, Place(event.index, {}), None)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Scroll to the question that opens, and tell which one it is."""
        form = next((parent for parent in event.widget.ancestors if isinstance(parent, Form)), None)
        if form is not None:
            self.call_after_refresh(_reveal, self, form)
            self._tell(form)

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        """Take in the answer of a question that was left by other ways than Enter."""
        form = next((parent for parent in event.widget.ancestors if isinstance(parent, Form)), None)
        if form is not None and self.is_attached and not form.has_focus_within:
            self.take(form)
            here = self._here()
            if here is not None:
                self._tell(here)


def _reveal(page: Questionnaire, form: Form) -> None:
    """Scroll to a form once it has its full height."""
    page.scroll_to_widget(form, animate=False, top=form.size.height > page.size.height)
