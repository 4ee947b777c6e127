"""Encoders: what the result for one case looks like as bytes, in each of the formats that a batch writes.

An encoder says what the fragments of its format are (`parts`, see `fragments`), and joins those of a case. It is used
in turns: `add` a case, and another, …; then `take` the bytes of all of them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any, Final, Literal, Protocol, TypeAlias

import msgspec

from advisor.batch.decoders import Case
from advisor.batch.fragments import CaseFragments, PartEncoders
from advisor.model.knowledge import LEVELS, Knowledge, Level
from advisor.reasoning.advice import Item, KnowledgeStamp, Step, Suggestion

Format: TypeAlias = Literal["lines", "compact", "csv", "parquet"]

# Beginnings of cells that a spreadsheet would run as a formula (OWASP, "CSV Injection")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_json = msgspec.json.encode


class Encoder(Protocol):
    """Takes cases, gives bytes."""

    parts: PartEncoders

    def add(self, case: Case, found: CaseFragments) -> None:
        """Add the result for a case."""

    def take(self) -> bytes:
        """Return the results added since the last time."""


class CompactSuggestion(msgspec.Struct, frozen=True):
    """A nutrient in the compact format."""

    id: str
    support: int
    matched: tuple[str, ...]
    evidence: str  # the status


class CompactCare(msgspec.Struct, frozen=True):
    """Care in the compact format."""

    level: Level
    items: tuple[str, ...]
    unanswered: tuple[str, ...]


class CompactAdvice(msgspec.Struct, frozen=True):
    """One line of the compact format: ids instead of texts, nutrients in the order of their rank, no trace."""

    schema: Literal["nutrient-advisor/compact/2"]
    case: str
    knowledge: KnowledgeStamp
    implied: tuple[str, ...]
    care: CompactCare
    nutrients: tuple[CompactSuggestion, ...]
    advice: tuple[str, ...]
    cautions: tuple[str, ...]
    disclaimers: tuple[str, ...]


class _Lines:
    """Lines of JSON, joined from pieces: `add` of a subclass appends them to `_pieces`."""

    def __init__(self, knowledge: Knowledge, kept: Sequence[str]) -> None:
        self._kept = tuple(kept)
        self._knowledge = b',"knowledge":' + _json(KnowledgeStamp(knowledge.version, knowledge.digest))
        self._care = {level: b',"care":{"level":%b,"items":[' % _json(level) for level in LEVELS}
        self._pieces: list[bytes] = []

    def take(self) -> bytes:
        """Return the lines added since the last time."""
        lines = b"".join(self._pieces)
        self._pieces = []
        return lines

    def _columns(self, case: Case) -> bytes:
        """Return the last member of the line of a case from a table: the cells of the columns that are kept."""
        return b',"columns":' + _json(dict(zip(self._kept, case.kept, strict=True)))


class FullLines(_Lines):
    """The whole advice with its trace, one line of JSON per case: the bytes of `advise --format json`.

    A line is joined from pieces. Here they are separated by bars; those in braces differ from case to case:

        {"schema":…,"case": | {name} | ,"knowledge":…,"answers": | {answers} | ,"care":…[ | {care} | ]},"nutrients":[ |
        {nutrients} | ],"advice":{advice},"cautions": | {cautions} | ,"disclaimers":…,"trace":[ | {steps} | ] | }

    The rank of a nutrient and the number of a step depend on what stands before them in the list, so their fragments
    begin behind it.
    """

    def __init__(self, knowledge: Knowledge, kept: Sequence[str] = ()) -> None:
        """Prepare for cases of which the columns `kept` are carried along."""
        super().__init__(knowledge, kept)
        self.parts = PartEncoders(self._nutrient, _json, _json, self._advice, _json, _json, self._step)
        self._vocabulary = tuple(knowledge.finding)
        disclaimers = _json([{"id": item.id, "text": item.text} for item in knowledge.disclaimers])
        self._disclaimers = b'],"disclaimers":%b,"trace":[' % disclaimers
        # A nutrient up to its rank, by id and rank, and a step up to its number
        self._nutrient_start = {
            nutrient.id: [
                b"{" + _members({"id": nutrient.id, "name": nutrient.name, "rank": rank})
                for rank in range(len(knowledge.nutrients) + 1)
            ]
            for nutrient in knowledge.nutrients
        }
        most_steps = sum(len(rule.alternatives) for rule in knowledge.rules)
        self._step_start = [_comma(place) + b"{" + _members({"step": place + 1}) for place in range(most_steps)]

    def add(self, case: Case, found: CaseFragments) -> None:
        """Add the line of a case."""
        given = case.given
        answers = {name: given[name] for name in self._vocabulary if name in given}
        pieces = self._pieces
        pieces += (b'{"schema":"nutrient-advisor/advice/2","case":', _json(case.name), self._knowledge)
        pieces += (b',"answers":', _json(answers), b',"implied":', found.implied)
        pieces += (self._care[found.level], b",".join(found.care), b'],"watch_for":[', b",".join(found.watch_for))
        pieces += (b'],"unanswered":', found.unanswered, b'},"nutrients":[')
        rank = latest = 0
        for place, (_, nutrient, support, rest) in enumerate(found.nutrients):
            if support != latest:  # equals share a rank
                rank, latest = place + 1, support
            pieces += (_comma(place), self._nutrient_start[nutrient][rank], rest)
        pieces += (found.advice, b",".join(found.cautions), self._disclaimers)
        pieces += chain.from_iterable(zip(self._step_start, found.steps, strict=False))
        pieces += (b"]", self._columns(case) if case.kept else b"", b"}\n")

    def _nutrient(self, suggestion: Suggestion) -> bytes:
        return _rest_of_object(_fields_after("rank", suggestion))

    def _advice(self, items: tuple[Item, ...]) -> bytes:
        return b'],"advice":%b,"cautions":[' % _json(items)

    def _step(self, step: Step) -> bytes:
        return _rest_of_object(_fields_after("step", step))


class CompactLines(_Lines):
    """Ids and numbers alone, one line of JSON per case (`CompactAdvice`)."""

    def __init__(self, knowledge: Knowledge, kept: Sequence[str] = ()) -> None:
        """Prepare for cases of which the columns `kept` are carried along."""
        super().__init__(knowledge, kept)
        self.parts = PartEncoders(self._nutrient, _id_json, lambda sign: b"", self._advice, _id_json, _json, None)
        self._disclaimers = b'],"disclaimers":' + _ids_json(knowledge.disclaimers)

    def add(self, case: Case, found: CaseFragments) -> None:
        """Add the line of a case."""
        self._pieces += (
            b'{"schema":"nutrient-advisor/compact/2","case":',
            _json(case.name),
            self._knowledge,
            b',"implied":',
            found.implied,
            self._care[found.level],
            b",".join(found.care),
            b'],"unanswered":',
            found.unanswered,
            b'},"nutrients":[',
            b",".join([fragment for _, _, _, fragment in found.nutrients]),
            found.advice,
            b",".join(found.cautions),
            self._disclaimers,
            self._columns(case) if case.kept else b"",
            b"}\n",
        )

    def _nutrient(self, suggestion: Suggestion) -> bytes:
        status = suggestion.evidence.status
        return _json(CompactSuggestion(suggestion.id, suggestion.support, suggestion.matched, status))

    def _advice(self, items: tuple[Item, ...]) -> bytes:
        return b'],"advice":%b,"cautions":[' % _ids_json(items)


class Rows:
    """One row of a table per case, with the columns of `columns` and those that are kept."""

    def __init__(self, knowledge: Knowledge, kept: Sequence[str] = ()) -> None:
        """Prepare for cases of which the columns `kept` are carried along."""
        self.parts = PartEncoders(lambda s: s.support, _id, _id, _ids, _id, list, lambda step: step.rule)
        self._nothing_kept = ("",) * len(kept)
        self._nutrients = tuple(knowledge.nutrient)
        self._disclaimers = [item.id for item in knowledge.disclaimers]
        self._rows: list[list[Any]] = []

    def add(self, case: Case, found: CaseFragments) -> None:
        """Add the row of a case."""
        support = {nutrient: number for _, nutrient, number, _ in found.nutrients}
        rules = list(dict.fromkeys(found.steps))
        row = [case.name, found.level, list(support), *(support.get(nutrient, 0) for nutrient in self._nutrients)]
        row += [found.advice, found.cautions, found.care, rules, self._disclaimers, found.implied, found.unanswered]
        row += case.kept or self._nothing_kept
        self._rows.append(row)

    def take(self) -> bytes:
        """Return the rows added since the last time, as MessagePack: a list of rows."""
        return msgspec.msgpack.encode(self._taken())

    def _taken(self) -> list[list[Any]]:
        rows, self._rows = self._rows, []
        return rows


class CsvRows(Rows):
    """Rows as CSV (RFC 4180): lists are joined by semicolons, and nothing is left that a spreadsheet would run."""

    def take(self) -> bytes:
        """Return the rows added since the last time, as CSV without a heading."""
        return _csv([_cell(value) for value in row] for row in self._taken())


ENCODERS: Final[dict[Format, Callable[[Knowledge, Sequence[str]], Encoder]]] = {
    "lines": FullLines,
    "compact": CompactLines,
    "csv": CsvRows,
    "parquet": Rows,
}


def columns(knowledge: Knowledge) -> dict[str, type]:
    """Return the columns of a row and what each holds: text, a whole number, or a list of ids."""
    support = {f"support_{nutrient}": int for nutrient in knowledge.nutrient}
    names = ("advice", "cautions", "care", "rules", "disclaimers", "implied", "unanswered")
    lists = dict.fromkeys(names, list)
    return {"case": str, "care_level": str, "nutrients": list, **support, **lists}


def heading(knowledge: Knowledge, kept: Sequence[str]) -> bytes:
    """Return the first line of a CSV file."""
    return _csv([[*columns(knowledge), *map(_cell, kept)]])


def _csv(rows: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return ";".join(value)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _comma(place: int) -> bytes:
    """Return what stands before the item at this place of a JSON array."""
    return b"," if place else b""


def _members(fields: dict[str, Any]) -> bytes:
    """Return the members of a JSON object without the braces."""
    return _json(fields)[1:-1]


def _rest_of_object(fields: dict[str, Any]) -> bytes:
    """Return the end of a JSON object that has members already: these ones, and the brace."""
    return b"," + _members(fields) + b"}"


def _fields_after(name: str, value: msgspec.Struct) -> dict[str, Any]:
    """Return the fields that follow the one called `name`, in their order."""
    names = value.__struct_fields__
    return {field: getattr(value, field) for field in names[names.index(name) + 1 :]}


def _id(item: Any) -> str:
    name: str = item.id
    return name


def _id_json(item: Any) -> bytes:
    return _json(item.id)


def _ids(items: Sequence[Any]) -> list[str]:
    return [item.id for item in items]


def _ids_json(items: Sequence[Any]) -> bytes:
    return _json(_ids(items))
