"""Decoders: from one record (a line of JSON, a row of CSV, the text of a symptom file) to what one person reported.

Whether a record is a case, and everything that is wrong with one that is not, is for `advisor.source.symptom_file` to
say, as it does for a single file. That is the strict path. It keeps the line of every value and is about fifteen times
as slow as need be, and nearly all records of a batch are plain, so there is a fast path in front of it: a JSON decoder
made from the vocabulary, which accepts known findings and nothing else. The fast path either reads a record exactly as
the strict path would, or leaves it to the strict path. `tests/test_batch_cases.py` compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET

from advisor.batch.chunks import Row, SymptomFile
from advisor.batch.stated import Stated
from advisor.diagnostics import AnswersError, Location
from advisor.model.answers import Answers
from advisor.model.facts import confirmed, reported
from advisor.model.knowledge import Answer, Finding, Knowledge
from advisor.reasoning.slices import Slices, union
from advisor.source import symptom_file
from advisor.source.positioned import MAX_BYTES
from advisor.source.symptom_file import MAX_CASE

_WORDS: Final[dict[str, bool | None]] = {"yes": True, "true": True, "no": False, "false": False, "unknown": None}
_CELLS: Final[dict[str, bool | None]] = {**_WORDS, "1": True, "0": False, "": None}
_WHOLE_NUMBER: Final = re.compile("-?(0|[1-9][0-9]{0,17})")
_NOWHERE: Final = Location()


class Case(msgspec.Struct, frozen=True, gc=False):
    """What one person reported."""

    name: str
    given: Mapping[str, Answer]  # in any order
    facts: int  # the facts reported, in so many words or by implication, as bits of `Slices`
    stated: int  # bits of `Stated`
    location: Location = _NOWHERE
    kept: tuple[str, ...] = ()  # the cells of the columns to keep that are not findings


class Decoder:
    """Decodes records with one vocabulary."""

    def __init__(self, slices: Slices, kept: Sequence[str] = ()) -> None:
        """Prepare to decode; `kept` names the columns of tables whose cells are carried along."""
        knowledge = slices.knowledge
        self._knowledge, self._slices = knowledge, slices
        self._stated = Stated(knowledge)
        self._kept = tuple(kept)
        self._line = msgspec.json.Decoder(_line_type(knowledge))
        self._kind = {finding.id: finding.kind for finding in knowledge.findings}
        # the facts that an answer reports, by finding and answer; no bits if no rule uses them
        bits = slices.bits
        self._yes = {
            f.id: union(bits.get(reported(name), 0) for name in (f.id, *knowledge.implied[f.id]))
            for f in knowledge.findings
            if f.kind == "yes_no"
        }
        self._number = {f.id: _NumberFacts(f, slices) for f in knowledge.findings if f.kind == "number"}
        nutrients = {n.id: bits.get(confirmed(n.id), 0) for n in knowledge.nutrients}
        self._nutrients = {f.id: nutrients for f in knowledge.findings if f.kind == "nutrients"}

    def line(self, data: bytes, location: Location, stem: str) -> Case:
        """Decode a line of a JSON Lines file. Raises AnswersError with everything that is wrong with it."""
        return self._plain_line(data, location, stem) or self._strict(
            lambda: symptom_file.parse(
                data, location.file, self._knowledge, default_name(stem, location.line), is_json=True
            ),
            location,
        )

    def row(self, row: Row, columns: Sequence[str], location: Location, stem: str) -> Case:
        """Decode a row of a table. Columns that are not findings are ignored. Raises AnswersError as `line` does."""
        cells = dict(zip(columns, row.cells, strict=True))
        name = cells.get("case") or default_name(stem, location.line)
        kept = tuple(cells.get(column, "") for column in self._kept)
        raw: dict[str, Any] = {}
        for column, kind in self._kind.items():
            if cell := cells.get(column):
                answer = _answer_in(cell.strip(), kind)
                if answer is not None:
                    raw[column] = answer
        understood = self._understood(raw)
        if understood and _is_plain(name):
            return Case(name, *understood, location, kept)
        return self._strict(lambda: symptom_file.of(raw, self._knowledge, name, location.file), location, kept)

    def symptom_file(self, file: SymptomFile) -> Case:
        """Decode the text of a symptom file. Raises AnswersError as `line` does, with the lines in that file."""
        is_json = file.file.lower().removesuffix(".gz").endswith(".json")
        answers = symptom_file.parse(file.text, file.file, self._knowledge, file.stem, is_json)
        return self._case(answers, Location(file.file))

    def _plain_line(self, data: bytes, location: Location, stem: str) -> Case | None:
        """Decode a line by the fast path; None if that cannot tell."""
        try:
            line: Any = self._line.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        named = line.case is not UNSET
        name = line.case if named else ""
        if isinstance(line.findings, dict):
            findings, keys = line.findings, 1 + named + len(line.findings)
        else:
            findings, keys = dict.fromkeys(line.findings, True), 1 + named
        understood = self._understood(findings)
        if not understood or not _is_plain(name) or len(data) > MAX_BYTES or _may_repeat_a_key(data, keys, name):
            return None
        return Case(name or default_name(stem, location.line), *understood, location)

    def _understood(self, findings: Mapping[str, Any]) -> tuple[dict[str, Answer], int, int] | None:
        """Return the answers, then what `Case` has of them as bits; None if one of them is not plainly right."""
        given: dict[str, Answer] = {}
        facts = stated = 0
        said_yes, said_no = self._stated.yes, self._stated.no
        try:
            for name, value in findings.items():
                if isinstance(value, str):
                    value = _WORDS[value.lower()]
                    if value is None:  # "unknown" is the same as no answer
                        continue
                if value is True:
                    facts |= self._yes[name]
                    stated |= said_yes[name]
                elif value is False:
                    self._yes[name]  # a KeyError if this is not a question of yes or no
                    stated |= said_no[name]
                elif isinstance(value, int):
                    facts |= self._number[name][value]
                else:
                    confirming = self._nutrients[name]
                    for nutrient in value:
                        facts |= confirming[nutrient]
                    value = tuple(nutrient for nutrient in confirming if nutrient in value)
                given[name] = value
        except KeyError:
            return None
        return given, facts, stated

    def _strict(self, read: Callable[[], Answers], location: Location, kept: tuple[str, ...] = ()) -> Case:
        """Read a record by the strict path. Raises AnswersError whose diagnostics all stand at the record's place."""
        try:
            answers = read()
        except AnswersError as error:
            raise AnswersError(
                msgspec.structs.replace(diagnostic, location=location) for diagnostic in error.diagnostics
            ) from None
        return self._case(answers, location, kept)

    def _case(self, answers: Answers, location: Location, kept: tuple[str, ...] = ()) -> Case:
        stated = self._stated.of(answers.given)
        return Case(answers.case, answers.given, self._slices.case(answers), stated, location, kept)


class _NumberFacts(dict[int, int]):
    """The facts that a number reports, computed when they are first asked for. KeyError if it is out of range."""

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
    """Return the name of a case that has none: the stem of the file's name, and the line."""
    suffix = f":{line}"
    return symptom_file.name_from(stem)[: MAX_CASE - len(suffix)] + suffix


def _is_plain(name: str) -> bool:
    """Tell whether a name can be used as it is. One that is not plain may still be allowed."""
    return len(name) <= MAX_CASE and name.isprintable()


def _may_repeat_a_key(data: bytes, keys: int, name: str) -> bool:
    """Tell whether a line may give a key twice. The JSON decoder then keeps the last one without a word.

    Each key is followed by one colon. Other colons can only be in the case's name, as no answer has one: the line

        {"case": "a:b", "findings": {"fatigue": true, "fatigue": false}}

    has 5 colons where its 3 keys (case, findings, fatigue) and the name account for 4. Only the name can hide a colon,
    written as an escape.
    """
    return data.count(b":") != keys + name.count(":") or (":" in name and b"\\" in data)


def _answer_in(cell: str, kind: str) -> object:
    """Return what a cell says, as a symptom file would say it; None for nothing."""
    word = _CELLS.get(cell.lower(), cell)
    if word is None or kind == "yes_no":
        return word
    if kind == "number":
        return int(cell) if _WHOLE_NUMBER.fullmatch(cell) else cell
    return [part for part in map(str.strip, cell.split(";")) if part]


def _line_type(knowledge: Knowledge) -> Any:
    """Return the type of a line as the fast path knows it: ids of the vocabulary and no others."""
    finding: Any = Literal[tuple(knowledge.finding)]
    answers: Any = dict.__class_getitem__((finding, bool | int | str | list[str])) | list.__class_getitem__(finding)
    fields: list[Any] = [("findings", answers), ("case", str | msgspec.UnsetType, UNSET)]
    return msgspec.defstruct("Line", fields, forbid_unknown_fields=True)
