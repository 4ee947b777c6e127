"""Whether to seek care, and how soon, in words: what leads every result.

An all-clear is given only where every pressing warning sign was answered no.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from advisor.model.knowledge import LEVELS, PRESSING, Knowledge, Level
from advisor.reasoning.advice import Advice, CareReason, WatchFor
from advisor.reasoning.evaluation import Evaluation
from advisor.render import phrases


class Labels(msgspec.Struct, frozen=True):
    """Labels in a line, with what they have in common."""

    heading: str
    line: str


class Lesser(msgspec.Struct, frozen=True):
    """A reason of a lesser level, whose text would contradict the heading it stands under."""

    id: str
    label: str


class CareNotice(msgspec.Struct, frozen=True):
    """Whether to seek care."""

    others_heading: ClassVar = "Tell them about this too"
    watch_heading: ClassVar = "Get help at once if"

    level: Level
    pressing: bool
    heading: str
    signs: tuple[Labels, ...]  # at level none, before all else: which pressing signs were not answered with no
    text: str
    reasons: tuple[CareReason, ...]
    others: tuple[Lesser, ...]
    watch_for: tuple[str, ...]  # when to get help at once, or sooner still; empty in an emergency


def care_notice(evaluation: Evaluation) -> CareNotice:
    """Put into words whether one case calls for care."""
    advice, knowledge = evaluation.advice, evaluation.knowledge
    level = knowledge.care_level[advice.care.level]
    pressing = level.id in PRESSING
    not_clear = level.id == "none" and not evaluation.all_clear
    signs = _not_answered_no(advice, knowledge) if not_clear else ()
    labels = {item.id: item.label for item in knowledge.care}
    return CareNotice(
        level=level.id,
        pressing=pressing,
        heading=(not_clear and level.heading_unanswered) or level.heading,
        signs=signs,
        text=(not_clear and level.text_unanswered) or level.text or "",
        reasons=tuple(item for item in advice.care.items if item.level == level.id),
        others=tuple(Lesser(item.id, labels[item.id]) for item in advice.care.items if item.level != level.id),
        watch_for=tuple(_sign(item) for item in advice.care.watch_for if _is_worse(item.level, level.id)),
    )


def _is_worse(sign: Level, present: Level) -> bool:
    """Tell whether a sign is more pressing than what is to be done already."""
    return LEVELS.index(sign) < LEVELS.index(present)


def _sign(item: WatchFor) -> str:
    return f"{item.sign} (an emergency)" if item.level == "emergency" else item.sign


def _not_answered_no(advice: Advice, knowledge: Knowledge) -> tuple[Labels, ...]:
    """Return the pressing signs for which there is no all-clear.

    A yes is one of them: not every sign brings up a reason by itself.
    """
    unanswered = advice.care.unanswered
    denied = {name for name, given in advice.answers.items() if given is False} - set(advice.implied)
    yes = [name for name in knowledge.pressing_signs if name not in denied and name not in unanswered]
    return tuple(
        Labels(how, "; ".join(phrases.labels(knowledge, names)))
        for how, names in (("Not answered", unanswered), ("Answered yes", yes))
        if names
    )
