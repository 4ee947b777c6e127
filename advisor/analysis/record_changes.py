"""Which records of two rule bases differ: in vocabulary and order, in their rules, or in words alone.

Here records are compared as they are written. What the changes of rules mean is for `advisor.analysis.diff`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from advisor.model.knowledge import Knowledge, Rule

_NOUNS: Final = {
    "rules": "rule",
    "findings": "finding",
    "nutrients": "nutrient",
    "advice": "advice",
    "cautions": "caution",
    "care": "care item",
    "care_levels": "care level",
    "disclaimers": "disclaimer",
    "derived": "derived fact",
}
_VOCABULARY: Final = ("findings", "nutrients", "advice", "cautions", "care")
# fields of a finding that decide what can be answered
_ANSWERING: Final = ("kind", "minimum", "maximum", "only_after")
# fields that are compared by what they mean, or that nobody is shown
_NOT_WORDS: Final = (*_ANSWERING, "condition", "concludes", "location", "examples", "level")
# what the output calls fields that the program has another name for
_CALLED: Final = {"rationale": "because"}


class Rewording(msgspec.Struct, frozen=True):
    """A record that differs in words or sources alone, and so in nothing that is concluded."""

    what: str  # such as `rule magnesium.cramps`
    fields: tuple[str, ...]


def vocabulary(old: Knowledge, new: Knowledge) -> Iterator[str]:
    """Yield a sentence for all that one side alone can ask or show, or that has other answers or another order."""
    for kind in _VOCABULARY:
        before, after = _by_id(old, kind), _by_id(new, kind)
        yield from (f"{_NOUNS[kind]} {name} is gone" for name in before if name not in after)
        yield from (f"{_NOUNS[kind]} {name} is new" for name in after if name not in before)
        both = [name for name in before if name in after]
        if both != [name for name in after if name in before]:
            yield f"the order of the {_NOUNS[kind]} records has changed, and with it that of the output"
        if kind == "findings":
            for name in both:
                for field in _ANSWERING:
                    one, other = getattr(before[name], field), getattr(after[name], field)
                    if one != other:
                        yield f"finding {name} has {field} {other} instead of {one}"


def rules(old: Knowledge, new: Knowledge) -> Iterator[str]:
    """Yield the rules that only one side has, or that have another condition or conclusion."""
    for name in dict.fromkeys((*old.rule, *new.rule)):
        if _meaning(old.rule.get(name)) != _meaning(new.rule.get(name)):
            yield name


def _meaning(rule: Rule | None) -> object:
    """Return what a rule says, whatever the order in which its condition is written; None for no rule."""
    return (frozenset(map(frozenset, rule.alternatives)), rule.concludes) if rule else None


def rewordings(old: Knowledge, new: Knowledge) -> Iterator[Rewording]:
    """Yield the records that both sides have, with different words or sources."""
    for kind, noun in _NOUNS.items():
        before, after = _by_id(old, kind), _by_id(new, kind)
        for name in (name for name in before if name in after):
            one, other = msgspec.structs.asdict(before[name]), msgspec.structs.asdict(after[name])
            fields = tuple(_CALLED.get(f, f) for f in one if f not in _NOT_WORDS and one[f] != other[f])
            if fields:
                yield Rewording(f"{noun} {name}", fields)


def _by_id(knowledge: Knowledge, kind: str) -> dict[str, Any]:
    return {record.id: record for record in getattr(knowledge, kind)}
