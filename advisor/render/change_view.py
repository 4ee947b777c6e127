"""What another answer would change, in sentences."""

from __future__ import annotations

from advisor.reasoning.evaluation import Explanation
from advisor.reasoning.explain import Change, Standing
from advisor.render.care_view import care_notice
from advisor.render.nutrient_view import shared_ranks


def changed(change: Change, subject: str, explanation: Explanation) -> str:
    """Return what becomes of one conclusion, called `subject`, or of the care level."""
    before, after = change.before, change.after
    now, then = explanation.evaluation, explanation.supposed or explanation.evaluation
    if change.of is None:
        return f"It would say “{care_notice(then).heading}” instead of “{care_notice(now).heading}”"
    old, new = shared_ranks(now.advice), shared_ranks(then.advice)
    if isinstance(before, Standing) and isinstance(after, Standing):
        moves, places = [], (_place(before, old), _place(after, new))
        if before.support != after.support:
            moves.append(f"{_things(after)} would point to it instead of {before.support}")
        if places[0] != places[1]:
            moves.append(f"it would have {places[1]} instead of {places[0]}")
        return f"{subject}: {', and '.join(moves)}"
    if isinstance(after, Standing):
        return f"{subject} would come up: {_things(after)} would point to it, and it would have {_place(after, new)}"
    if isinstance(before, Standing):
        return f"{subject} would no longer come up (now it has {_place(before, old)})"
    return f"{subject} would {'be shown' if after else 'no longer be shown'}"


def _place(standing: Standing, shared: set[int]) -> str:
    return f"{'shared ' if standing.rank in shared else ''}place {standing.rank}"


def _things(standing: Standing) -> str:
    return "1 thing" if standing.support == 1 else f"{standing.support} things"
