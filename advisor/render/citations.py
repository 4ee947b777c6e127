"""The sources of what is shown, so that a reader can look up each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from advisor.model.facts import Concluded, Conclusion
from advisor.model.knowledge import PRESSING, Knowledge, Source
from advisor.reasoning.evaluation import Evaluation


class Citation(msgspec.Struct, frozen=True):
    """A source, as it stands in the list at the end."""

    id: str
    number: int  # from 1
    about: str  # its title, who published it, and when
    read: str  # what was read of it
    address: str

    @property
    def text(self) -> str:
        """The whole entry, with the address on a line of its own."""
        return "\n".join(filter(None, (f"{self.about} {self.read}".rstrip(), self.address)))


def cited(knowledge: Knowledge, passages: Iterable[str]) -> tuple[Citation, ...]:
    """Return the sources in which some passages stand, in the order of the knowledge."""
    used = {knowledge.passage[name][0].id for name in passages}
    sources = (source for source in knowledge.sources if source.id in used)
    return tuple(
        Citation(
            id=source.id,
            number=number,
            about=_about(source),
            read=f"Read: {source.read}." if source.read else "",
            address=source.address or "",
        )
        for number, source in enumerate(sources, 1)
    )


def behind_advice(evaluation: Evaluation) -> Iterator[str]:
    """Yield the passages behind everything that a result shows."""
    advice, knowledge = evaluation.advice, evaluation.knowledge
    for firing in evaluation.firings:
        yield from firing.rule.source
        if isinstance(firing.rule.concludes, Conclusion):
            yield from behind(knowledge, firing.rule.concludes)
    for item in advice.nutrients:
        nutrient = knowledge.nutrient[item.id]
        yield from (*nutrient.source, *nutrient.evidence.source)
    if advice.care.level not in PRESSING:  # else they are not shown
        for sign in advice.care.watch_for:
            yield from behind(knowledge, Conclusion("care", sign.id))
    yield from behind_disclaimers(knowledge)


def behind(knowledge: Knowledge, shown: Concluded) -> tuple[str, ...]:
    """Return the passages behind the text that a conclusion brings up."""
    if shown.kind == "care":
        return next(item.source for item in knowledge.care if item.id == shown.id)
    texts = {"advice": knowledge.advice, "caution": knowledge.cautions}.get(shown.kind, ())
    return next((item.source for item in texts if item.id == shown.id), ())


def behind_disclaimers(knowledge: Knowledge) -> Iterator[str]:
    """Yield the passages behind what always stands."""
    for item in knowledge.disclaimers:
        yield from item.source


def _about(source: Source) -> str:
    dated = f"{source.publisher}, {source.date}" if source.date else source.publisher
    return f"{source.title} – {dated}."
