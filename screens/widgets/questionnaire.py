"""The questions of one page, below each other; one of them is open."""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.events import DescendantBlur, DescendantFocus
from textual.message import Message

from screens.course import Asked, Course
from screens.forms import form_of
from screens.forms.form import KEEP, Form
from screens.forms.items import ItemsForm, Place
from wizard import flow
from wizard.question import Known, ListQuestion, Question
from wizard.replies import Problem
from wizard.secret import Secret


class Questionnaire(VerticalScroll, can_focus=False):
    """Asks the questions that come up, and takes each answer in when its question is left."""

    @dataclass
    class Completed(Message):
        """The last question was passed."""

    @dataclass
    class Focused(Message):
        """Another question is open, or another answer is under its cursor."""

        question: Asked
        explanation: str

    @dataclass
    class ItemOpened(Message):
        """An item of a list is to be added or changed."""

        listing: ListQuestion
        place: Place

    def __init__(self, course: Course, known: Known, typed: Secret | None = None) -> None:
        """Ask the questions of `course`, beginning with what is `known`."""
        super().__init__()
        self._course = course
        self.known = known
        self.typed = typed

    def compose(self) -> ComposeResult:
        """A form for every question that may come up."""
        for question in self._course.all:
            form = form_of(question)
            form.typed = self.typed
            yield form

    def on_mount(self) -> None:
        """Show what stands, and open the first question."""
        self._show()
        self._open(next(iter(self._asked()), None))

    def take(self, form: Form) -> bool:
        """Take in what a form means; False where it says what is wrong with that."""
        reply = form.reply(self.known)
        if isinstance(reply, Problem):
            form.complain(reply.message)
            return False
        form.complain("")
        self.typed = form.typed or self.typed
        if reply is not KEEP and isinstance(form.asked, Question):
            self.known = self._course.answer(self.known, form.asked, reply)
        self._show()
        return True

    def take_all(self) -> bool:
        """Take in every answer; opens the first that is wrong."""
        for form in self.query(Form):
            if form.display and not self.take(form):
                self._open(form)
                return False
        return True

    def take_right(self) -> None:
        """Take in every answer that is right, for leaving the page."""
        for form in self._asked():
            self.take(form)

    def put_items(self, listing: ListQuestion, place: Place, item: dict[str, object] | None) -> None:
        """Change the list: an item replaced, added, or (None) taken off."""
        items = list(flow.items_of(listing, self.known))
        items[place.index : place.index + 1] = [] if item is None else [item]
        self.known = replace(self.known, draft=flow.with_items(self.known, listing, items))
        self._show()

    def _asked(self) -> list[Form]:
        return [form for form in self.query(Form) if form.display]

    def _show(self) -> None:
        now = self._course.now(self.known)
        for form in self.query(Form):
            form.display = any(form.asked is question for question in now)
            if form.display:
                form.show(self.known)

    def _open(self, form: Form | None) -> None:
        if form is not None:
            form.entry().focus()

    def _reveal(self, form: Form) -> None:
        """Scroll to a form once it has its full height."""
        self.call_after_refresh(
            lambda: self.scroll_to_widget(form, animate=False, top=form.size.height > self.size.height)
        )

    @on(Form.Passed)
    def _passed(self, event: Form.Passed) -> None:
        event.stop()
        if not self.take(event.form):
            return
        asked = self._asked()
        following = asked[asked.index(event.form) + 1 :]
        if following:
            self._open(following[0])
        elif self.take_all():
            self.post_message(self.Completed())

    @on(Form.Explained)
    def _explained(self, event: Form.Explained) -> None:
        event.stop()
        self.post_message(self.Focused(event.form.asked, event.form.explanation()))

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
            self._reveal(form)
            self.post_message(self.Focused(form.asked, form.explanation()))

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        """Take in the answer of a question that was left by other ways than Enter."""
        form = next((parent for parent in event.widget.ancestors if isinstance(parent, Form)), None)
        if form is not None and self.is_attached and not form.has_focus_within:
            self.take(form)
