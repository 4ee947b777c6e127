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
    "groups": "group",
    "findings": "finding",
    "screens": "screen",
    "nutrients": "nutrient",
    "evidence_statuses": "evidence status",
    "advice": "advice",
    "cautions": "caution",
    "care": "care item",
    "care_levels": "care level",
    "disclaimers": "disclaimer",
    "derived": "derived fact",
    "sources": "source",
}
# what can be asked or shown, with the fields that say how, and the words for them
_VOCABULARY: Final[dict[str, dict[str, str]]] = {
    "findings": {
        "kind": "is of the kind",
        "minimum": "has minimum",
        "maximum": "has maximum",
        "group": "is in the group",
        "only_after": "is asked only after",
        "implies": "implies",
    },
    "screens": {"findings": "asks", "pressing": "is pressing:"},
    "nutrients": {},
    "advice": {},
    "cautions": {"about": "is about", "card_only": "stands on cards alone:"},
    "care": {},
}
# fields that are compared by what they mean, or that nobody is shown
_NOT_WORDS: Final = {
    "rules": {"condition", "concludes", "location", "examples"},
    "care": {"level"},
    **{kind: set(fields) for kind, fields in _VOCABULARY.items() if fields},
}
# what the output calls fields that the program has another name for
_CALLED: Final = {"rationale": "because"}


class Rewording(msgspec.Struct, frozen=True):
    """A record that differs in words or sources alone, and so in nothing that is concluded."""

    what: str  # such as `rule magnesium.cramps`
    fields: tuple[str, ...]


def vocabulary(old: Knowledge, new: Knowledge) -> Iterator[str]:
    """Yield a sentence for all that one side alone can ask or show, or asks or shows otherwise or in another order."""
    for kind, fields in _VOCABULARY.items():
        before, after = _by_id(old, kind), _by_id(new, kind)
        yield from (f"{_NOUNS[kind]} {name} is gone" for name in before if name not in after)
        yield from (f"{_NOUNS[kind]} {name} is new" for name in after if name not in before)
        both = [name for name in before if name in after]
        if both != [name for name in after if name in before]:
            follows = "questions" if kind == "screens" else "output"
            yield f"the order of the {_NOUNS[kind]} records has changed, and with it that of the {follows}"
        for name in both:
            for field, words in fields.items():
                one, other = _meant(old, before[name], field), _meant(new, after[name], field)
                if one != other:
                    yield f"{_NOUNS[kind]} {name} {words} {_said(other)} instead of {_said(one)}"
    signs, now = old.pressing_signs, new.pressing_signs
    yield from (f"an all-clear no longer needs a no to {name}" for name in signs if name not in now)
    yield from (f"an all-clear now needs a no to {name}" for name in now if name not in signs)


def _meant(knowledge: Knowledge, record: Any, field: str) -> Any:
    """Return what a field says, whatever the order where that means nothing."""
    if field == "implies":
        return tuple(sorted(knowledge.implied[record.id]))  # what is implied at second hand is meant too
    if field == "about":
        return tuple(sorted(record.about))
    return getattr(record, field)


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value) or "nothing"
    return "nothing" if value is None else str(value)


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
            words = (field for field in one if field not in _NOT_WORDS.get(kind, ()))
            fields = tuple(_CALLED.get(field, field) for field in words if one[field] != other[field])
            if fields:
                yield Rewording(f"{noun} {name}", fields)


def _by_id(knowledge: Knowledge, kind: str) -> dict[str, Any]:
    return {record.id: record for record in getattr(knowledge, kind)}
