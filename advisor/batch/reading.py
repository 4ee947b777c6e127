"""The cases in files and folders, one after the other, for whoever needs cases and no advice on them.

    for item in read_cases(knowledge, ["intake.csv", "forms/"]):
        if isinstance(item, Reject):
            print(item.file, item.line, item.problems)
        else:
            print(item.name, item.given)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from advisor.batch import sources
from advisor.batch.decoders import Case
from advisor.batch.mapper import ChunkReader, Reject
from advisor.engine.closure import Closure
from advisor.model.knowledge import Knowledge
from advisor.reasoning.slices import Slices

__all__ = ["Case", "Reject", "read_cases"]


def read_cases(knowledge: Knowledge, paths: Sequence[str], slices: Slices | None = None) -> Iterator[Case | Reject]:
    """Yield each case in these files and folders, in order, and each record that is not a case, with the reasons.

    The inputs are those of `batch`; columns of CSV that are not findings are passed over. `Case.facts` are bits of
    `slices`, or of any `Slices` of this knowledge. Raises AnswersError where a file cannot be read.
    """
    slices = slices or Slices(knowledge, Closure(knowledge.rules))  # the engine is not asked here
    found = sources.find(paths, knowledge.finding, keep=True, outputs=())
    columns = dict.fromkeys(column for source in found.sources for column in source.columns)
    read = ChunkReader(slices, [column for column in columns if column not in ("case", *knowledge.finding)])
    for chunk in sources.read(found):
        for item in read(chunk):
            yield item if isinstance(item, Reject) else item.case
