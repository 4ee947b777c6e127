"""The core of a batch: a pure function from a chunk of input to bytes of output.

    mapper = Mapper(advisor.load().knowledge, "lines")
    outcome = mapper(Chunk("intake.jsonl", "intake", (b'{"findings": ["fatigue"]}',)))

The same chunk gives the same bytes in any process and on any machine, so a cluster can map it as well as `batch` can. A
mapper keeps nothing between two chunks but the tables of fragments.
"""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Sequence
from operator import itemgetter
from typing import TypeAlias

import msgspec

from advisor.batch.chunks import Chunk
from advisor.batch.encoders import ENCODERS, Format
from advisor.batch.fragments import Fragments, Suggested
from advisor.batch.reading import ChunkReader, Reject, rejected
from advisor.diagnostics import Diagnostic, EngineError, Location
from advisor.engine.durable import DurableEngine
from advisor.model.knowledge import Knowledge, Level
from advisor.reasoning.slices import Slices

Named: TypeAlias = tuple[int | str, str]  # a case's line in the chunk's file (or the file, of a symptom file); its name


class Outcome(msgspec.Struct, frozen=True):
    """What a chunk came to. `advised` and `rejects` together are its records without the blank ones."""

    output: bytes | memoryview
    advised: int = 0
    rejects: tuple[Reject, ...] = ()
    care: dict[Level, int] = {}  # how many cases came to each level
    nutrients: dict[str, int] = {}  # for how many cases each nutrient came up
    names: bytes = b"{}"  # a JSON object from where each case stands to its name


class Mapper:
    """Maps chunks to output in one format."""

    def __init__(self, knowledge: Knowledge, form: Format, kept: Sequence[str] = (), compress: bool = False) -> None:
        """Prepare for a format, keeping the columns `kept`; with `compress`, the output is members of a gzip file.

        Raises EngineError if the rule engine cannot be used.
        """
        slices = Slices(knowledge, DurableEngine(knowledge.rules))
        self._read = ChunkReader(slices, kept)
        self._encoder = ENCODERS[form](knowledge, kept)
        self._fragments = Fragments(slices, self._encoder.parts)
        self._compress = compress

    def __call__(self, chunk: Chunk) -> Outcome:
        """Return the output for a chunk, its rejects and the counts."""
        rejects: list[Reject] = []
        names: list[Named] = []
        levels: list[Level] = []
        suggested: list[Suggested] = []
        for record, case in self._read(chunk):
            if isinstance(case, Reject):
                rejects.append(case)
                continue
            try:
                found = self._fragments.of(case)
            except EngineError as error:
                here = Location(case.file, case.line)
                problem = Diagnostic(here, "engine", f"no advice for this case: {error}")
                rejects.append(rejected(record, here, [problem]))
                continue
            self._encoder.add(case, found)
            names.append((case.line or case.file, case.name))
            levels.append(found.level)
            suggested += found.nutrients
        output = self._encoder.take()
        if self._compress and output:
            output = gzip.compress(output, compresslevel=6, mtime=0)
        return Outcome(
            output=output,
            advised=len(names),
            rejects=tuple(rejects),
            care=Counter(levels),
            nutrients=Counter(map(itemgetter(1), suggested)),
            names=_names_json(names),
        )


def _names_json(names: Sequence[Named]) -> bytes:
    """Return names by where they stand, as a JSON object. A file that was given twice is a key that is there twice."""
    by_place = dict(names)
    if len(by_place) == len(names):
        return msgspec.json.encode(by_place)
    members = (b"%b:%b" % (msgspec.json.encode(str(place)), msgspec.json.encode(name)) for place, name in names)
    return b"{%b}" % b",".join(members)
