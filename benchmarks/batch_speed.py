"""How fast `batch` is, held against two other rule engines and against plain reading and writing, in one run.

    pip install -e '.[benchmark]'
    python benchmarks/batch_speed.py [--cases 200000] [--sample 5000]

Random people, each finding yes with probability 0.25. `batch` is the installed command as a whole process, start-up
included, with as many workers as there are cores. The other engines (clipspy, zen-engine) run the same rules in this
process, conclusions only, no trace and nothing written; they are timed on a sample, after a check that they conclude
what we conclude. The loop parses each line with the fastest JSON parser here and writes as many bytes as `batch` wrote.
Each figure is the best of some rounds, taken in turns; the ratios are what counts, a machine's speed does not.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import clips
import msgspec
import zen

from advisor.knowledge import Knowledge

COMMAND = Path(sys.executable).parent / "nutrient-advisor"
Concluded = frozenset[str]


def people(knowledge: Knowledge, number: int) -> Iterable[dict[str, Any]]:
    """Yield random answers."""
    rng = random.Random(7)
    for _ in range(number):
        answers: dict[str, Any] = {}
        for finding in knowledge.findings:
            if rng.random() < 0.25:
                ages, some = rng.randrange(18, 95), rng.choice(knowledge.nutrients).id
                answers[finding.id] = {"number": ages, "nutrients": [some]}.get(finding.kind, True)
        yield answers


def clipspy(knowledge: Knowledge) -> Callable[[Iterable[str]], Concluded]:
    """Return the rules in CLIPS: facts in, conclusions out."""
    environment = clips.Environment()
    environment.build("(deftemplate fact (slot is))")
    environment.build("(deftemplate concluded (slot what))")
    number = 0
    for rule in knowledge.rules:
        for alternative in rule.alternatives:
            number += 1
            conditions = " ".join(f'(fact (is "{fact}"))' for fact in alternative)
            derived = f'(assert (fact (is "{rule.concludes}")))' if rule.verb in ("derive", "suggest") else ""
            environment.build(
                f'(defrule r{number} {conditions} => {derived} (assert (concluded (what "{rule.concludes}"))))'
            )
    template = environment.find_template("fact")

    def conclude(facts: Iterable[str]) -> Concluded:
        environment.reset()
        for fact in facts:
            template.assert_fact(**{"is": fact})
        environment.run()
        return frozenset(fact["what"] for fact in environment.facts() if fact.template.name == "concluded")

    return conclude


def zen_engine(knowledge: Knowledge) -> Callable[[Iterable[str]], Concluded]:
    """Return the rules as one zen decision table; as it does not chain, conditions go down to what is reported."""
    reported = tuple(knowledge.reported_by)
    ways: dict[str, set[frozenset[str]]] = {fact: {frozenset([fact])} for fact in reported}
    rows: list[tuple[frozenset[str], str]] = []
    for rule in knowledge.rules:
        for alternative in rule.alternatives:
            joined: set[frozenset[str]] = {frozenset()}
            for fact in alternative:
                joined = {one | other for one in joined for other in ways.get(fact, ())}
            least = [way for way in joined if not any(other < way for other in joined)]
            rows += [(way, rule.concludes) for way in least]
            ways.setdefault(rule.concludes, set()).update(least)
    column = {fact: f"f{place}" for place, fact in enumerate(reported)}
    inputs = [{"id": name, "name": fact, "field": name} for fact, name in column.items()]
    table = {
        "hitPolicy": "collect",
        "inputs": inputs,
        "outputs": [{"id": "out", "name": "out", "field": "out"}],
        "rules": [
            {
                "_id": str(number),
                **{name: "true" if fact in way else "" for fact, name in column.items()},
                "out": f'"{what}"',
            }
            for number, (way, what) in enumerate(rows)
        ],
    }
    graph = {
        "nodes": [
            {"id": "in", "name": "in", "type": "inputNode"},
            {"id": "table", "name": "table", "type": "decisionTableNode", "content": table},
            {"id": "out", "name": "out", "type": "outputNode"},
        ],
        "edges": [
            {"id": "1", "sourceId": "in", "targetId": "table", "type": "edge"},
            {"id": "2", "sourceId": "table", "targetId": "out", "type": "edge"},
        ],
    }
    decision = zen.ZenEngine().create_decision(msgspec.json.encode(graph).decode())
    nothing = dict.fromkeys(column.values(), False)

    def conclude(facts: Iterable[str]) -> Concluded:
        given = {**nothing, **{column[fact]: True for fact in facts if fact in column}}
        return frozenset(row["out"] for row in decision.evaluate(given)["result"])

    return conclude
