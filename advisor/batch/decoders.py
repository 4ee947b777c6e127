"""Decoders: from one record (a line of JSON, a row of CSV, the text of a symptom file) to what one person reported.

`advisor.source.symptom_file` decides whether a record is a case, and says what is wrong with one that is not, as it
does for a single file. That is the strict path. It notes the line of every value, which takes some thirty times as long
as decoding alone, and nearly all records of a batch are plain. So there is a fast path in front of it: a JSON decoder
made from the vocabulary, which accepts known findings and nothing else. The fast path either reads a record exactly as
the strict path would, or leaves it to the strict path. `tests/test_batch_decoders.py` compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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


class Case(msgspec.Struct, frozen=True, gc=False):
    """What one person reported."""

    name: str
    given: Mapping[str, Answer]  # in any order
    facts: int  # the facts reported, in so many words or by implication, as bits of `Slices`
    stated: int  # bits of `Stated`
    file: str = ""  # where the case stands
    line: int = 0  # 0 if it is the file as a whole
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
        bits = slices.bits
        # What an answer adds: the facts it reports, and above them the bits of `Stated`, so that one number holds both
        self._shift, self._fact_bits = len(bits), (1 << len(bits)) - 1
        yes_no = [finding.id for finding in knowledge.findings if finding.kind == "yes_no"]
        facts = {name: union(bits.get(reported(one), 0) for one in (name, *knowledge.implied[name])) for name in yes_no}
        self._yes = {name: facts[name] | self._stated.yes[name] << self._shift for name in yes_no}
        self._no = {name: self._stated.no[name] << self._shift for name in yes_no}
        self._number = {f.id: _NumberFacts(f, slices) for f in knowledge.findings if f.kind == "number"}
        nutrients = {n.id: bits.get(confirmed(n.id), 0) for n in knowledge.nutrients}
        self._nutrients = {f.id: nutrients for f in knowledge.findings if f.kind == "nutrients"}

    def line(self, data: bytes, file: str, line: int, stem: str) -> Case:
        """Decode a line of a JSON Lines file. Raises AnswersError with everything that is wrong with it."""
        return self._plain_line(data, file, line, stem) or self._strict_line(data, file, line, stem)

    def row(self, row: Row, columns: Sequence[str], file: str, stem: str) -> Case:
        """Decode a row of a table. Columns that are not findings are ignored. Raises AnswersError as `line` does."""
        cells = dict(zip(columns, row.cells, strict=True))
        name = cells.get("case") or default_name(stem, row.line)
        kept = tuple(cells.get(column, "") for column in self._kept)
        findings: dict[str, Any] = {}
        for column, kind in self._kind.items():
            if cell := cells.get(column):
                answer = _answer_in(cell.strip(), kind)
                if answer is not None:
                    findings[column] = answer
        understood = self._understood(findings)
        if understood and _is_plain(name):
            given, facts, stated = understood
            return Case(name, given, facts, stated, file, row.line, kept)
        with _standing_at(file, row.line):
            answers = symptom_file.of(findings, self._knowledge, name, file)
        return self._case(answers, file, row.line, kept)

    def symptom_file(self, file: SymptomFile) -> Case:
        """Decode the text of a symptom file. Raises AnswersError as `line` does, with the lines in that file."""
        is_json = file.file.lower().removesuffix(".gz").endswith(".json")
        answers = symptom_file.parse(file.text, file.file, self._knowledge, file.stem, is_json)
        return self._case(answers, file.file)

    def _plain_line(self, data: bytes, file: str, number: int, stem: str) -> Case | None:
        """Decode a line by the fast path; None if the strict path has to decide."""
        try:
            line: Any = self._line.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        findings = line.findings
        keys = 1  # `findings` itself
        if isinstance(findings, dict):
            keys += len(findings)
        else:
            findings = dict.fromkeys(findings, True)
        name = line.case
        if name is UNSET:
            name = ""
        else:
            keys += 1
        understood = self._understood(findings)
        if not understood or not _is_plain(name) or len(data) > MAX_BYTES or _may_repeat_a_key(data, keys, name):
            return None
        given, facts, stated = understood
        return Case(name or default_name(stem, number), given, facts, stated, file, number)

    def _understood(self, findings: dict[str, Any]) -> tuple[dict[str, Answer], int, int] | None:
        """Return the answers, then what `Case` has of them as bits; None if the strict path has to decide."""
        bits = 0
        yes, no = self._yes, self._no
        reread: dict[str, Answer | None] = {}  # words and lists, as the answers they stand for; None for unknown
        try:
            for name, answer in findings.items():
                if answer is True:
                    bits |= yes[name]
                elif answer is False:
                    bits |= no[name]
                elif isinstance(answer, int):
                    bits |= self._number[name][answer]
                elif isinstance(answer, str):
                    reread[name] = word = _WORDS[answer.lower()]
                    if word is not None:
                        bits |= yes[name] if word else no[name]
                else:
                    nutrients = self._nutrients[name]
                    for nutrient in answer:
                        bits |= nutrients[nutrient]
                    reread[name] = _in_order(answer, nutrients)
        except KeyError:
            return None
        if reread:
            findings = findings | reread
            if None in reread.values():
                findings = {name: answer for name, answer in findings.items() if answer is not None}
        return findings, bits & self._fact_bits, bits >> self._shift

    def _strict_line(self, data: bytes, file: str, line: int, stem: str) -> Case:
        """Decode a line by the strict path. Raises AnswersError with everything that is wrong with it."""
        with _standing_at(file, line):
            answers = symptom_file.parse(data, file, self._knowledge, default_name(stem, line), is_json=True)
        return self._case(answers, file, line)

    def _case(self, answers: Answers, file: str, line: int = 0, kept: tuple[str, ...] = ()) -> Case:
        """Return answers that were read by the strict path as a case."""
        stated = self._stated.of(answers.given)
        return Case(answers.case, answers.given, self._slices.case(answers), stated, file, line, kept)


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


@contextmanager
def _standing_at(file: str, line: int) -> Iterator[None]:
    """Give everything that is wrong with a record the place of that record."""
    try:
        yield
    except AnswersError as error:
        here = Location(file, line)
        problems = [msgspec.structs.replace(problem, location=here) for problem in error.diagnostics]
        raise AnswersError(problems) from None


def _in_order(named: Collection[str], nutrients: Iterable[str]) -> tuple[str, ...]:
    """Return the nutrients that are named, in their own order and each once."""
    if len(named) < 2:  # as nearly always
        return tuple(named)
    return tuple(nutrient for nutrient in nutrients if nutrient in named)


def _is_plain(name: str) -> bool:
    """Tell whether a name is certainly allowed. One that is not plain may be, which the strict path decides."""
    return len(name) <= MAX_CASE and name.isprintable()


def _may_repeat_a_key(data: bytes, keys: int, name: str) -> bool:
    """Tell whether a line may give a key twice. The JSON decoder then keeps the last one without a word.

    Each key is followed by one colon, and the only other place for a colon is the case's name. The line

        {"case": "a:b", "findings": {"fatigue": true, "fatigue": false}}

    has 5 colons, but its 3 different keys and the name account for only 4. The colons of a name cannot be counted like
    this if one of them may be written as an escape, so a backslash is reason enough to say yes.
    """
    colons = data.count(b":")
    return colons != keys and (colons != keys + name.count(":") or b"\\" in data)


def _answer_in(cell: str, kind: str) -> object:
    """Return the answer in a cell as a symptom file would give it; None if there is none."""
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
