"""The forms that a batch can write: what each case's result looks like as bytes.

A form makes pieces of the parts of the advice (see `advisor.batch.parts`) and for a case only joins them. It is filled
with cases and emptied again: `add`, `add`, …, `take`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, Final, Literal, Protocol

import msgspec

from advisor.batch.decoders import Case
from advisor.batch.fragments import Makers, Parts
from advisor.model.knowledge import LEVELS, Knowledge, Level
from advisor.reasoning.advice import Item, KnowledgeStamp, Step, Suggestion
from advisor.reasoning.slices import Slices

# How a cell begins that a spreadsheet would run as a formula (OWASP, "CSV Injection")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_encode = msgspec.json.encode
_CARE: Final = {level: b',"care":{"level":"%b","items":[' % level.encode() for level in LEVELS}


class CompactSuggestion(msgspec.Struct, frozen=True):
    """A nutrient in the compact form."""

    id: str
    support: int
    matched: tuple[str, ...]
    evidence: str  # its status


class CompactCare(msgspec.Struct, frozen=True):
    """Care in the compact form."""

    level: Level
    items: tuple[str, ...]


class CompactAdvice(msgspec.Struct, frozen=True):
    """One line of the compact form: ids instead of texts, nutrients in the order of their rank, no trace."""

    schema: Literal["nutrient-advisor/compact/1"]
    case: str
    knowledge: KnowledgeStamp
    care: CompactCare
    nutrients: tuple[CompactSuggestion, ...]
    advice: tuple[str, ...]
    cautions: tuple[str, ...]
    disclaimers: tuple[str, ...]


class Form(Protocol):
    """Takes cases, gives bytes."""

    parts: Parts

    def add(self, case: Case, kept: Sequence[str]) -> None:
        """Add the result of a case; `kept` are cells of its row that are to be kept, one for each column kept."""

    def take(self) -> bytes:
        """Return the results added since the last time."""


class FullLines:
    """The whole advice with its trace, one line of JSON a case: the bytes of `advise --format json`."""

    def __init__(self, slices: Slices, kept: Sequence[str] = ()) -> None:
        knowledge = slices.knowledge
        self.parts = Parts(slices, Makers(self._nutrient, _encode, self._advice, _encode, self._step))
        self._kept = tuple(kept)
        self._vocabulary = tuple(knowledge.finding)
        stamp = _encode(KnowledgeStamp(knowledge.version, knowledge.digest))
        self._named = b',"knowledge":%b,"answers":' % stamp
        disclaimers = _encode([{"id": item.id, "text": item.text} for item in knowledge.disclaimers])
        self._cautioned = b',"disclaimers":%b,"trace":[' % disclaimers
        # everything of a nutrient up to its rank, by id and rank, and of a step up to its number
        self._begun = {
            nutrient.id: [
                b"%b%b,%b:%d" % (b"," if rank > 1 else b"", head, _encode("rank"), rank)
                for head in [_encode({"id": nutrient.id, "name": nutrient.name})[:-1]]
                for rank in range(1, len(knowledge.nutrients) + 1)
            ]
            for nutrient in knowledge.nutrients
        }
        most = sum(len(rule.alternatives) for rule in knowledge.rules)
        self._numbers = [b'%b{"step":%d' % (b"," if number > 1 else b"", number) for number in range(1, most + 1)]
        self._pieces: list[bytes] = []

    def add(self, case: Case, kept: Sequence[str] = ()) -> None:
        """Add the result of a case."""
        steps = self.parts.steps(case.facts)
        level, care, ranked, advice, cautions = self.parts.look_up(case.facts)
        given, begun, pieces = case.given, self._begun, self._pieces
        answers = _encode({name: given[name] for name in self._vocabulary if name in given})
        pieces += (b'{"schema":"nutrient-advisor/advice/1","case":', _encode(case.name), self._named, answers)
        pieces += (_CARE[level], b",".join(care), b']},"nutrients":[')
        for rank, (_, nutrient, rest) in enumerate(ranked):
            pieces += (begun[nutrient][rank], rest)
        pieces += (advice, cautions, self._cautioned)
        pieces += chain.from_iterable(zip(self._numbers, steps, strict=False))
        if self._kept and kept:
            pieces += (b'],"columns":', _encode(dict(zip(self._kept, kept, strict=True))), b"}\n")
        else:
            pieces.append(b"]}\n")

    def take(self) -> bytes:
        """Return the lines added since the last time."""
        lines = b"".join(self._pieces)
        self._pieces = []
        return lines

    def _nutrient(self, suggestion: Suggestion) -> bytes:
        return _encode(suggestion).partition(b',"rank":1')[2]

    def _advice(self, items: tuple[Item, ...]) -> bytes:
        return b'],"advice":%b,"cautions":' % _encode(items)

    def _step(self, step: Step) -> bytes:
        return _encode(step).partition(b'"step":%d' % step.step)[2]


class CompactLines:
    """Ids and numbers alone, one line of JSON a case (`CompactAdvice`)."""

    def __init__(self, slices: Slices, kept: Sequence[str] = ()) -> None:
        knowledge = slices.knowledge
        self.parts = Parts(
            slices, Makers(self._nutrient, lambda reason: _encode(reason.id), self._advice, _ids_json, None)
        )
        self._kept = tuple(kept)
        self._named = b',"knowledge":%b' % _encode(KnowledgeStamp(knowledge.version, knowledge.digest))
        disclaimers = _encode([item.id for item in knowledge.disclaimers])
        self._cautioned = b',"disclaimers":%b' % disclaimers
        self._pieces: list[bytes] = []

    def add(self, case: Case, kept: Sequence[str] = ()) -> None:
        """Add the result of a case."""
        level, care, ranked, advice, cautions = self.parts.look_up(case.facts)
        self._pieces += (
            b'{"schema":"nutrient-advisor/compact/1","case":',
            _encode(case.name),
            self._named,
            _CARE[level],
            b",".join(care),
            b']},"nutrients":[',
            b",".join([piece[2] for piece in ranked]),
            advice,
            cautions,
            self._cautioned,
            b',"columns":%b}\n' % _encode(dict(zip(self._kept, kept, strict=True))) if self._kept and kept else b"}\n",
        )

    def take(self) -> bytes:
        """Return the lines added since the last time."""
        lines = b"".join(self._pieces)
        self._pieces = []
        return lines

    def _nutrient(self, suggestion: Suggestion) -> bytes:
        status = suggestion.evidence.status
        return _encode(CompactSuggestion(suggestion.id, suggestion.support, suggestion.matched, status))

    def _advice(self, items: tuple[Item, ...]) -> bytes:
        return b'],"advice":%b,"cautions":' % _ids_json(items)


class Rows:
    """One row of a table a case. `columns` are the names, and whether each is text, a number or a list of ids."""

    def __init__(self, slices: Slices, kept: Sequence[str] = ()) -> None:
        knowledge = slices.knowledge
        self.parts = Parts(
            slices, Makers(lambda s: s.support, lambda reason: reason.id, _ids, _ids, lambda step: step.rule)
        )
        self._kept = tuple(kept)
        self._nutrients = tuple(knowledge.nutrient)
        self._disclaimers = [item.id for item in knowledge.disclaimers]
        self._rows: list[list[Any]] = []

    def add(self, case: Case, kept: Sequence[str] = ()) -> None:
        """Add the row of a case."""
        rules = list(dict.fromkeys(self.parts.steps(case.facts)))
        level, care, ranked, advice, cautions = self.parts.look_up(case.facts)
        support = {nutrient: piece for _, nutrient, piece in ranked}
        row = [case.name, level, list(support), *(support.get(nutrient, 0) for nutrient in self._nutrients)]
        row += [advice, cautions, care, rules, self._disclaimers]
        row += kept or [""] * len(self._kept)
        self._rows.append(row)

    def take(self) -> bytes:
        """Return the rows added since the last time, as MessagePack: a list of rows."""
        rows, self._rows = self._rows, []
        return msgspec.msgpack.encode(rows)


class CsvRows(Rows):
    """Rows as CSV (RFC 4180), lists joined by semicolons, and nothing that a spreadsheet would run."""

    def take(self) -> bytes:
        """Return the rows added since the last time, as CSV without a heading."""
        rows, self._rows = self._rows, []
        text = io.StringIO()
        csv.writer(text).writerows([_cell(value) for value in row] for row in rows)
        return text.getvalue().encode()


FORMS: Final[dict[str, Callable[[Slices, Sequence[str]], Form]]] = {
    "lines": FullLines,
    "compact": CompactLines,
    "csv": CsvRows,
    "parquet": Rows,
}


def columns(knowledge: Knowledge) -> dict[str, type]:
    """Return the columns of a row and what each holds: text, a whole number, or a list of ids."""
    support = {f"support_{nutrient}": int for nutrient in knowledge.nutrient}
    lists = dict.fromkeys(("advice", "cautions", "care", "rules", "disclaimers"), list)
    return {"case": str, "care_level": str, "nutrients": list, **support, **lists}


def heading(knowledge: Knowledge, kept: Sequence[str]) -> bytes:
    """Return the first line of a CSV file."""
    text = io.StringIO()
    csv.writer(text).writerow([*columns(knowledge), *map(_cell, kept)])
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return ";".join(value)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _ids(items: Sequence[Any]) -> list[str]:
    return [item.id for item in items]


def _ids_json(items: tuple[Item, ...]) -> bytes:
    return _encode(_ids(items))
