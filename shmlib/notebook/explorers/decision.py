"""Decision: a question at a time, and the tool that the answers lead to."""

import html

import ipywidgets as widgets

from ..figures import decision as drawn
from ..figures.choices import CHOICES, reached
from .explorer import Explorer, card


def decision() -> Explorer:
    """Let the learner answer one question after the other, up to the tool.

    Returns:
        An `Explorer`: the question, buttons for yes, no and back, and the map of all questions.
    """
    return _Decision().explorer


class _Decision:
    def __init__(self):
        self._answers: list[bool] = []
        self._said = widgets.HTML()
        self._picture = widgets.HTML()
        self._yes = widgets.Button(description="Yes")
        self._no = widgets.Button(description="No")
        self._back = widgets.Button(description="Back")
        self._yes.on_click(lambda _: self._answer(True))
        self._no.on_click(lambda _: self._answer(False))
        self._back.on_click(lambda _: self._take_back())
        self._show()
        buttons = widgets.HBox([self._yes, self._no, self._back], layout={"flex_flow": "row wrap"})
        self.explorer = Explorer(drawn(), widgets.VBox([self._said, buttons, self._picture]))

    def _answer(self, answer):
        if reached(self._answers) is None:
            self._answers.append(answer)
            self._show()

    def _take_back(self):
        del self._answers[-1:]
        self._show()

    def _show(self):
        found = reached(self._answers)
        if found is None:
            number = len(self._answers)
            told = f"<b>Question {number + 1}.</b> {html.escape(CHOICES[number].question)}"
        else:
            told = (
                f"<b>{html.escape(found.tool)}</b>: <code>{html.escape(found.how)}</code><br>"
                f"Shared: {html.escape(found.shared)}.<br>"
                f"How it breaks: {html.escape(found.breaks)}"
            )
        self._said.value = card(told, "The question, or the tool")
        self._yes.disabled = self._no.disabled = found is not None
        self._back.disabled = not self._answers
        self._picture.value = drawn(self._answers)._repr_html_()
