"""The questionnaire held with a person: which question, notice or review comes next, whatever the front end.

`advisor.reasoning.interview` decides what is asked and what an answer means; a front end shows and reads. This module
stands between them, and is the only one that knows both.
"""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Final

from rich.console import RenderableType
from rich.text import Text

from advisor import Advisor, Evaluation
from advisor.cli.front_end import BackError, FrontEnd, InputEndedError, Prompt, StoppedError
from advisor.model.answers import Answers
from advisor.model.knowledge import PRESSING, Answer
from advisor.reasoning.advice import CareReason
from advisor.reasoning.interview import Interview, Question
from advisor.render import questions

_CHANGE: Final = "change that answer"


class Conversation:
    """One interview, held by way of a front end."""

    def __init__(self, app: Advisor, interview: Interview, case: str, front: FrontEnd) -> None:
        self._app = app
        self._interview = interview
        self._case = case
        self._front = front
        self._noticed: set[str] = set()

    def run(self) -> Evaluation:
        """Ask until nothing that could be asked would change the advice; return the case, evaluated.

        Raises StoppedError or InputEndedError where it ends before. The answers up to then are in the interview.
        """
        self._front.say(questions.opening(self._front.keys))
        while True:
            try:
                if not self._notice():
                    return self._evaluated()
                question = self._interview.next()
                if question is not None:
                    self._put(question, questions.left(max(self._interview.remaining - 1, 0)))
                elif self._review():
                    return self._evaluated()
            except BackError:
                if self._interview.back():
                    self._noticed &= {item.id for item in self._pressing()}
                else:
                    self._front.say(Text("There is nothing to go back to."))

    def confirm(self, sentence: str) -> bool:
        """Put a question that has to be answered by yes or no. Raises StoppedError where it is not."""
        try:
            return self._front.decide(Prompt(sentence), unknown=False) is True
        except BackError:
            raise StoppedError from None

    def _evaluated(self) -> Evaluation:
        return self._app.evaluate(Answers(self._case, self._interview.answers))

    def _put(self, question: Question, beside: str = "") -> None:
        prompt = Prompt(
            question.text,
            beside,
            questions.note(question),
            help=partial(questions.help_view, question),
            why=partial(self._why, question),
        )
        self._interview.answer(question.id, self._answer(question, prompt))

    def _answer(self, question: Question, prompt: Prompt) -> Answer | list[str] | None:
        if question.kind == "yes_no":
            return self._front.decide(prompt, unknown=True)
        if question.kind == "number":
            return self._front.number(prompt, question.minimum, question.maximum)
        chosen = self._front.several(prompt, [option.label for option in question.options])
        return None if chosen is None else [question.options[number].id for number in chosen]

    def _why(self, question: Question) -> RenderableType:
        return questions.why_view(self._app.knowledge, question, self._interview.why(question.id))

    def _notice(self) -> bool:
        """Show at once what an answer calls for; False where the person then does not want to go on."""
        pressing = self._pressing()
        new = [item for item in pressing if item.id not in self._noticed]
        self._noticed = {item.id for item in pressing}
        if not new:
            return True
        self._front.say(questions.notice_view(self._app.knowledge, new, pressing))
        return self._front.decide(Prompt(questions.HELP_FIRST), unknown=False) is True

    def _pressing(self) -> tuple[CareReason, ...]:
        """Return what calls for care at once, going by the answers so far."""
        return tuple(item for item in self._evaluated().advice.care.items if item.level in PRESSING)

    def _review(self) -> bool:
        """Show what was answered; True where it stands, False after a change."""
        shown = questions.review(self._app.knowledge, self._interview.given)
        rest = [shown.rest] if shown.denied else []
        prompt = Prompt("Your answers")
        options = [*(line.text for line in shown.lines), *rest]
        try:
            number = self._front.one(prompt, options, chosen=_CHANGE, otherwise="show the result")
        except InputEndedError:
            return True  # a script need not confirm
        if number is None:
            return True
        if number < len(shown.lines):
            self._change(shown.lines[number].finding)
        else:
            self._review_denied(shown)
        return False

    def _review_denied(self, shown: questions.Review) -> None:
        """Show what was answered no, so that any of it can be changed."""
        options = [line.text for line in shown.denied]
        prompt = Prompt("What you answered with no")
        try:
            number = self._front.one(prompt, options, chosen=_CHANGE, otherwise="go back to all your answers")
        except (BackError, InputEndedError):
            return
        if number is not None:
            self._change(shown.denied[number].finding)

    def _change(self, finding: str) -> None:
        """Ask about one finding once more; going back leaves the answer as it is."""
        with contextlib.suppress(BackError):
            self._put(self._interview.question(finding))
