"""One case of a batch: from a line of JSON, the cells of a row or the text of a symptom file to what was reported.

A reader says of every text just what `advisor.answers` says of a symptom file. Most lines are plain, and for those
there is a short way: a typed JSON decoder that knows the vocabulary. Whatever it does not understand at once takes the
long way, through the strict documents, which also words the problems.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET

from advisor.diagnostics import AnswersError, Diagnostic, Location
from advisor.model import facts
from advisor.model.answers import Answers
from advisor.model.knowledge import Answer, Finding, Knowledge
from advisor.reasoning.slices import Slices
from advisor.source import positioned
from advisor.source.positioned import Document
from advisor.source.symptom_file import MAX_CASE, check, name_from

_WORDS: Final[dict[str, bool | None]] = {"yes": True, "true": True, "no": False, "false": False, "unknown": None}
_CELLS: Final[dict[str, bool | None]] = {**_WORDS, "1": True, "0": False, "": None}
_WHOLE_NUMBER: Final = re.compile("-?(0|[1-9][0-9]{0,17})")


class Case(msgspec.Struct, frozen=True, gc=False):
    """What one person reported."""

    name: str
    given: Mapping[str, Answer]  # in any order
    facts: int  # as bits of `Slices`


class Reader:
    """Reads cases with one vocabulary."""

    def __init__(self, slices: Slices) -> None:
        knowledge = slices.knowledge
        self._knowledge, self._slices = knowledge, slices
        self._plain_line = msgspec.json.Decoder(_line_type(knowledge))
        self._kind = {finding.id: finding.kind for finding in knowledge.findings}
        # the facts that an answer adds: none where no rule uses it
        self._yes = {f.id: slices.bits.get(facts.reported(f.id), 0) for f in knowledge.findings if f.kind == "yes_no"}
        self._confirmed = {n.id: slices.bits.get(facts.confirmed(n.id), 0) for n in knowledge.nutrients}
        self._passed = {f.id: _Passed(f, slices) for f in knowledge.findings if f.kind == "number"}

    def line(self, data: bytes, file: str, line: int, stem: str) -> Case:
        """Read one line of a JSON Lines file. Raises AnswersError with all its problems."""
        try:
            raw: Any = self._plain_line.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return self._checked(lambda: positioned.parse(data, file, is_json=True), file, line, stem)
        name = raw.case
        findings = raw.findings if type(raw.findings) is dict else dict.fromkeys(raw.findings, True)
        texts = len(raw.findings)
        understood = self._understood(findings)
        if understood is not None:
            facts, more = understood
            if name is UNSET or not name:
                quotes, name = texts + more + (1 if name is UNSET else 3), default_name(stem, line)
            else:
                quotes = texts + more + 3 if name.isprintable() and len(name) <= MAX_CASE else -1
            # Each key and each text has its two quotes. Others mean a key given twice, or an escape in a text.
            if data.count(b'"') == 2 * quotes and len(data) <= positioned.MAX_BYTES:
                return Case(name, findings, facts)
        return self._checked(lambda: positioned.parse(data, file, is_json=True), file, line, stem)

    def row(self, columns: Sequence[str], cells: Sequence[str], file: str, line: int, stem: str) -> Case:
        """Read one row of a table, whose columns are `case` and ids of findings. Raises AnswersError."""
        name = ""
        raw: dict[str, Any] = {}
        for column, cell in zip(columns, cells, strict=True):
            if column == "case":
                name = cell
            elif cell:
                value = self._cell(column, cell.strip())
                if value is not None:
                    raw[column] = value
        given = dict(raw)
        understood = self._understood(given)
        if understood is not None and (not name or _is_plain(name)):
            return Case(name or default_name(stem, line), given, understood[0])
        return self._checked(lambda: positioned.from_data({"case": name, "findings": raw}, file), file, line, stem)

    def document(self, data: bytes, file: str, stem: str) -> Case:
        """Read the text of a symptom file. Raises AnswersError with all its problems."""
        is_json = file.lower().removesuffix(".gz").endswith(".json")
        return self._case(check(positioned.parse(data, file, is_json), self._knowledge, stem))

    def _cell(self, column: str, text: str) -> object:
        word = _CELLS.get(text.lower(), text)
        if word is None:
            return None
        kind = self._kind[column]
        if kind == "yes_no":
            return word
        if kind == "number":
            return int(text) if _WHOLE_NUMBER.fullmatch(text) else text
        return [part for part in map(str.strip, text.split(";")) if part]

    def _understood(self, raw: dict[str, Any]) -> tuple[int, int] | None:
        """Bring answers into the form of `Answers`; return their facts, and how many texts their values held.

        None where the long way is to tell.
        """
        facts = texts = 0
        yes = self._yes
        unknown = []
        try:
            for name, value in raw.items():
                if value is True:
                    facts |= yes[name]
                elif value is False:
                    yes[name]  # only to see that it is a question of yes or no
                elif type(value) is int:
                    facts |= self._passed[name][value]
                elif type(value) is list:
                    if self._kind[name] != "nutrients":
                        return None
                    for nutrient in value:
                        facts |= self._confirmed[nutrient]
                    texts += len(value)
                    raw[name] = self._in_order(value)
                else:
                    word = _WORDS[value.lower()]
                    texts += 1
                    raw[name] = word
                    if word is None:
                        unknown.append(name)
                    else:
                        facts |= yes[name] * word  # nothing for a no
        except KeyError:
            return None
        for name in unknown:
            del raw[name]
        return facts, texts

    def _in_order(self, nutrients: Sequence[str]) -> tuple[str, ...]:
        if len(nutrients) < 2:
            return tuple(nutrients)
        return tuple(nutrient for nutrient in self._confirmed if nutrient in nutrients)

    def _checked(self, parse: Callable[[], Document], file: str, line: int, stem: str) -> Case:
        """Take the long way with a text that is one line of a file. Raises AnswersError."""
        try:
            return self._case(check(parse(), self._knowledge, default_name(stem, line)))
        except AnswersError as error:
            # where else on a line something stands is no help: it is the only line there is
            messages = [problem.message.replace(" (first on line 1)", "") for problem in error.diagnostics]
            raise AnswersError(
                Diagnostic(Location(file, line), "not-a-case", message) for message in messages
            ) from None

    def _case(self, answers: Answers) -> Case:
        return Case(answers.case, answers.given, self._slices.case(answers))


class _Passed(dict[int, int]):
    """The facts that a number reports, worked out when they are asked for. KeyError where it is out of limits."""

    def __init__(self, finding: Finding, slices: Slices) -> None:
        super().__init__()
        self._finding, self._slices = finding, slices

    def __missing__(self, number: int) -> int:
        if not (self._finding.minimum or 0) <= number <= (self._finding.maximum or 0):
            raise KeyError(number)
        facts = self._slices.case(Answers("", {self._finding.id: number}))
        if len(self) < 1000:
            self[number] = facts
        return facts


def default_name(stem: str, line: int) -> str:
    """Return the name of a case that has none: the file's stem and the line."""
    place = f":{line}"
    return name_from(stem)[: MAX_CASE - len(place)] + place


def _is_plain(name: str) -> bool:
    return len(name) <= MAX_CASE and name.isprintable()


def _line_type(knowledge: Knowledge) -> Any:
    # types made from the vocabulary, so that the decoder refuses what is not in it
    finding: Any = Literal[tuple(knowledge.finding)]
    answers: Any = dict.__class_getitem__((finding, bool | int | str | list[str])) | list.__class_getitem__(finding)
    fields: list[Any] = [("findings", answers), ("case", str | msgspec.UnsetType, UNSET)]
    return msgspec.defstruct("Line", fields, forbid_unknown_fields=True)
