"""The questionnaire in a terminal, or over a pipe: shows questions and reads lines.

`advisor.reasoning.interview` decides what is asked and what an answer means; this module only talks. It reads whole
lines and moves no cursor, so that it works the same for a person, a screen reader and a script.
"""

from __future__ import annotations

import contextlib
import re
from typing import Final, TextIO

from rich.console import RenderableType
from rich.text import Text

from advisor import Advisor, Evaluation
from advisor.diagnostics import printable
from advisor.model.answers import Answers
from advisor.model.knowledge import LEVELS, Answer
from advisor.reasoning.advice import CareReason
from advisor.reasoning.interview import Interview, Question
from advisor.render import questions
from advisor.render.terminal import show

_YES: Final = ("y", "yes", "true")
_NO: Final = ("n", "no", "false")
_NONE: Final = ("0", "none", "none of these", *_NO)
_UNKNOWN: Final = ("", "unknown", "d", "don't know", "dont know")
_RANGE: Final = re.compile(r"(\d+)\s*(?:-|–|to)\s*(\d+)")
_LONGEST: Final = 200  # of a line that can be an answer


class StoppedError(Exception):
    """The person does not want to go on."""


class InputEndedError(Exception):
    """There is nothing more to read."""


class _BackError(Exception):
    """The person wants to see the question before."""


class Conversation:
    """One interview held over two streams."""

    def __init__(self, app: Advisor, interview: Interview, case: str, source: TextIO, target: TextIO) -> None:
        self._app = app
        self._interview = interview
        self._case = case
        self._source = source
        self._target = target
        self._noticed: set[str] = set()

    def run(self) -> Evaluation:
        """Ask until nothing that could be asked would change the advice; return the case, evaluated.

        Raises StoppedError or InputEndedError where it ends before. The answers up to then are in the interview.
        """
        self._say(questions.opening())
        while True:
            try:
                if not self._notice():
                    return self._evaluated()
                question = self._interview.next()
                if question is not None:
                    self._put(question)
                elif self._review():
                    return self._evaluated()
            except _BackError:
                if self._interview.back():
                    self._noticed &= set(self._pressing())
                else:
                    self._tell("There is nothing to go back to.")

    def confirm(self, sentence: str) -> bool:
        """Put a question that has to be answered by yes or no. Raises StoppedError where it is not."""
        try:
            return self._decide(sentence)
        except _BackError:
            raise StoppedError from None

    def _decide(self, sentence: str) -> bool:
        self._tell(sentence)
        while True:
            answer = self._read("y or n: ").lower()
            if answer in (*_YES, *_NO):
                return answer in _YES
            if answer == "b":
                raise _BackError
            if answer == "q":
                raise StoppedError
            self._tell("Please answer y or n; b goes back, q stops.")

    def _evaluated(self) -> Evaluation:
        return self._app.evaluate(Answers(self._case, self._interview.answers))

    def _put(self, question: Question) -> None:
        self._say(questions.question_view(question, max(self._interview.remaining - 1, 0)))
        self._interview.answer(question.id, self._answer_to(question))

    def _answer_to(self, question: Question) -> Answer | list[str] | None:
        """Read until there is an answer. Raises _BackError or StoppedError where that is what was wanted."""
        while True:
            line = self._read(questions.prompt(question)).lower()
            if line == "?":
                self._say(questions.help_view(question))
            elif line == "w":
                self._say(questions.why_view(self._interview.why(question.id)))
            elif line == "b":
                raise _BackError
            elif line == "q":
                raise StoppedError
            elif line in _UNKNOWN:
                return None
            else:
                answer = _understood(question, line)
                if answer is not None:
                    return answer
                self._tell(f"That was not understood. Please type {questions.prompt(question)[:-2]}, or just Enter.")

    def _notice(self) -> bool:
        """Show at once what an answer calls for; False where the person then does not want to go on."""
        pressing = self._pressing()
        new = [item for name, item in pressing.items() if name not in self._noticed]
        self._noticed = set(pressing)
        if not new:
            return True
        level = min((item.level for item in new), key=LEVELS.index)
        self._say(questions.notice_view(self._app.knowledge.care_level[level].heading, new))
        return self._decide("The questions can wait. Go on with them all the same?")

    def _pressing(self) -> dict[str, CareReason]:
        """Return what calls for care at once, going by the answers so far."""
        return {item.id: item for item in self._evaluated().advice.care.items if item.level in ("emergency", "urgent")}

    def _review(self) -> bool:
        """Show all answers; True where they stand, False after a change."""
        given = self._interview.given
        self._say(questions.review_view(self._app.knowledge, given))
        while True:
            try:
                line = self._read("Enter or a number: ").lower()
            except InputEndedError:
                return True  # a script need not confirm
            if line == "":
                return True
            if line == "b":
                raise _BackError
            if line == "q":
                raise StoppedError
            number = _number(line, 1, len(given))
            if number is not None:
                question = self._interview.question(list(given)[number - 1])
                self._say(questions.question_view(question))
                with contextlib.suppress(_BackError):
                    self._interview.answer(question.id, self._answer_to(question))
                return False
            self._tell(f"Please type a number from 1 to {len(given)}, b, q, or just Enter.")

    def _read(self, prompt: str) -> str:
        self._write(prompt)
        line = self._source.readline()
        if not line:
            self._write("\n")
            raise InputEndedError
        line = line.lstrip("\ufeff").strip()
        if not self._source.isatty():  # nothing else shows what was answered
            self._write(f"{printable(line[:_LONGEST])}\n")
        return line

    def _tell(self, sentence: str) -> None:
        self._say(Text(sentence))

    def _say(self, view: RenderableType) -> None:
        self._write(show(view, self._target))

    def _write(self, text: str) -> None:
        self._target.write(text)
        self._target.flush()


def _understood(question: Question, line: str) -> Answer | list[str] | None:
    """Return what a line answers, or None where it does not."""
    if len(line) > _LONGEST:
        return None
    if question.kind == "yes_no":
        return True if line in _YES else False if line in _NO else None
    if question.kind == "number":
        return _number(line, question.minimum, question.maximum)
    if line in _NONE:
        return []
    chosen: set[int] = set()
    plain = _RANGE.sub(r"\1-\2", line.replace(" and ", " ")).rstrip(".")
    for part in re.split(r"[\s,;]+", plain.strip(" ,;")):
        first, _, last = part.partition("-")
        ends = [_number(end, 1, len(question.options)) for end in (first, last or first)]
        if ends[0] is None or ends[1] is None or ends[0] > ends[1]:
            return None
        chosen.update(range(ends[0], ends[1] + 1))
    return [question.options[number - 1].id for number in sorted(chosen)]


def _number(text: str, low: int, high: int) -> int | None:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
    return number if number is not None and low <= number <= high else None
