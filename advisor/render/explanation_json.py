"""Explanations as JSON: one object for each question, or one for all of the reasoning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from advisor.model.knowledge import Knowledge
from advisor.reasoning.evaluation import Explanation
from advisor.reasoning.explain import Change, Standing, Way, Why, WhyNot, identifier
from advisor.reasoning.proofs import Proof


def lines(explanation: Explanation) -> str:
    """Return the objects as lines of JSON."""
    return "".join(f"{msgspec.json.encode(item).decode()}\n" for item in _objects(explanation))


def _objects(explanation: Explanation) -> Iterator[dict[str, Any]]:
    knowledge = explanation.evaluation.knowledge
    disclaimers = [{"id": item.id, "text": item.text} for item in knowledge.disclaimers]
    for asked in explanation.asked:
        found = asked.found
        yield {**(_why(found, knowledge) if isinstance(found, Why) else _why_not(found, knowledge)),
               "disclaimers": disclaimers}  # fmt: skip
    if explanation.what_if:
        changes = [_change(change, knowledge) for change in explanation.what_if.changes]
        yield {"changes": changes, "disclaimers": disclaimers}
    if explanation.whole:
        whys = [_why(why, knowledge) for why in explanation.evaluation.reasoning]
        yield {"case": explanation.evaluation.answers.case, "why": whys, "disclaimers": disclaimers}


def _why(why: Why, knowledge: Knowledge) -> dict[str, Any]:
    return {
        "id": identifier(knowledge, why.of),
        "holds": True,
        "proof": _proof(why.proof),
        "supports": [_proof(proof) for proof in why.supports],
    }


def _proof(proof: Proof) -> dict[str, Any]:
    return {
        "fact": str(proof.of),
        "rule": proof.rule,
        "because": [_proof(premise) for premise in proof.premises],
        "basis": proof.basis,
        "source": proof.source,
    }


def _why_not(why_not: WhyNot, knowledge: Knowledge) -> dict[str, Any]:
    return {"id": identifier(knowledge, why_not.of), "holds": False, "ways": [_way(way) for way in why_not.ways]}


def _way(way: Way) -> dict[str, Any]:
    said: dict[str, Any] = {
        "missing": [str(fact) for fact in way.missing],
        "answered_no": way.answered_no,
        "rules": way.rules,
    }
    return {**said, "contradicts": way.contradicts} if way.contradicts else said


def _change(change: Change, knowledge: Knowledge) -> dict[str, Any]:
    return {
        "id": identifier(knowledge, change.of) if change.of else change.id,
        "kind": change.kind,
        "before": _standing(change.before),
        "after": _standing(change.after),
        "rules": change.rules,
    }


def _standing(standing: Standing | bool | str | None) -> object:
    return {"rank": standing.rank, "support": standing.support} if isinstance(standing, Standing) else standing
