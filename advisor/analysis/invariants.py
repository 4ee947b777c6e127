"""What must hold for any answers, tried on all patterns that can make a difference, through the rule engine.

Conclusions depend on few findings (`advisor.slices`), and rules only ever add. So it is enough to try the patterns of
what the `if` and the conclusions of the `then` depend on: other answers can only make the `then` true. A slice too wide
to be tried in full is sampled, and then nothing is called proved.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

import msgspec

from advisor.analysis.report import Fault, Proof
from advisor.diagnostics import Diagnostic, nearest, shown
from advisor.engine.durable import Engine
from advisor.model import facts
from advisor.model.knowledge import DISCLAIMERS, LEVELS, Knowledge, Rule
from advisor.reasoning.slices import Slices
from advisor.source.fields import Record, root
from advisor.source.loader import Folders
from advisor.source.positioned import Node

WIDEST: Final = 14  # facts of a slice that is tried in full
SAMPLE: Final = 5_000  # patterns tried of a wider one

Condition: TypeAlias = tuple[str, tuple[Any, ...]]  # ("fact", (name,)), ("all" or "any", conditions)
PROOFS: Final = ("reachable", "monotone", "disclaimers")


class Invariant(msgspec.Struct, frozen=True):
    """Something that must hold: where `given` holds, so does `then`; or one of `PROOFS`."""

    id: str
    text: str
    place: tuple[str, int]  # file and line
    proof: str = ""
    given: tuple[Condition, ...] = ()  # one for each nutrient where it is said of each
    then: tuple[Condition, ...] = ()


def read(folders: Folders, knowledge: Knowledge) -> tuple[list[Invariant], list[Fault]]:
    """Read the invariants of a knowledge folder; none where it has no such file."""
    problems: list[Diagnostic] = []
    found: list[Invariant] = []
    if "invariants" in folders.known:
        record = root(folders.known["invariants"], problems, ("invariants",))
        for item in record.records("invariants", "invariant", ("id", "text", "proof", "each", "if", "then")):
            before = len(problems)
            invariant = _invariant(item, knowledge)
            if len(problems) == before:
                found.append(invariant)
    return found, [Fault(p.code or "schema", p.message, p.file, p.line) for p in problems]


def proofs(invariants: Sequence[Invariant], knowledge: Knowledge, engine: Engine) -> tuple[Proof, ...]:
    """Try each invariant on the rules that the engine holds."""
    named = {fact for one in invariants for condition in (*one.given, *one.then) for fact in _named(condition)}
    trial = _Trial(Slices(_naming(knowledge, named), engine.fire))
    return tuple(trial.of(invariant) for invariant in invariants)


def _named(condition: Condition) -> Iterator[str]:
    how, parts = condition
    for part in parts:
        yield from [part] if how == "fact" else _named(part)


def _naming(knowledge: Knowledge, named: Iterable[str]) -> Knowledge:
    """Return the knowledge with a rule more, which the engine does not hold: so that these facts have patterns too.

    What no rule asks for would otherwise never be reported in any pattern, and anything said of it would be true.
    """
    asked = [fact for fact in sorted(named) if (f := facts.parse(fact)) and f.kind in ("finding", "confirmed")]
    said = tuple((fact,) for fact in asked if fact not in knowledge.reported_by)
    rule = Rule("invariants", "derive", "derived:invariants", said, "", "interpreted", (), (), "")
    return msgspec.structs.replace(knowledge, rules=(*knowledge.rules, rule)) if said else knowledge


def _invariant(record: Record, knowledge: Knowledge) -> Invariant:
    name, text, place = record.identifier(), record.text("text"), (record.file, record.line)
    if "proof" in record:
        if any(key in record for key in ("each", "if", "then")):
            record.fault(f"{record.what} has a 'proof', which leaves nothing for 'each', 'if' and 'then' to say")
        return Invariant(name, text, place, proof=record.known("proof", PROOFS, "proof"))
    each: Iterable[str] = ("",)
    if "each" in record and record.known("each", ("nutrients",), "kind of thing"):
        each = knowledge.nutrient
    nodes = record.node("if"), record.node("then")
    read = [tuple(_condition(node, record, knowledge, nutrient) for nutrient in each) for node in nodes if node]
    return Invariant(name, text, place, "", *read) if len(read) == 2 else Invariant(name, text, place)


def _condition(node: Node, record: Record, knowledge: Knowledge, nutrient: str) -> Condition:
    if isinstance(node.value, str):
        return "fact", (_fact(node.value.replace("{nutrient}", nutrient), node, record, knowledge),)
    if isinstance(node.value, dict) and len(node.value) == 1 and set(node.value) <= {"all", "any"}:
        ((how, inner),) = node.value.items()
        if isinstance(inner.value, list) and inner.value:
            return how, tuple(_condition(item, record, knowledge, nutrient) for item in inner.value)
    record.fault("a condition is a fact or a conclusion, or 'all:' or 'any:' with a list of conditions", node)
    return "all", ()


def _fact(text: str, node: Node, record: Record, knowledge: Knowledge) -> str:
    known = {f"finding:{finding.id}" for finding in knowledge.findings if finding.kind == "yes_no"}
    known |= {*map(str, knowledge.tests), *knowledge.reported_by}
    known |= {f"{kind}:{nutrient}" for kind in ("suggested", "confirmed") for nutrient in knowledge.nutrient}
    known |= {f"derived:{item.id}" for item in knowledge.derived} | {f"care_level:{level}" for level in LEVELS}
    known |= {f"advice:{item.id}" for item in knowledge.advice} | {f"caution:{item.id}" for item in knowledge.cautions}
    known |= {f"care:{item.id}" for item in knowledge.care}
    parsed = facts.parse(text)
    full = str(parsed) if parsed else text
    numbers = [finding.id for finding in knowledge.findings if finding.kind == "number"]
    if full not in known and not (parsed and parsed.comparison and parsed.name in numbers):
        plain = [fact.removeprefix("finding:") for fact in known]
        record.fault(f"unknown fact or conclusion {shown(text)}{nearest(text, sorted(plain))}", node, "unknown-name")
    return full


class _Trial:
    """Tries invariants on the rules of some slices."""

    def __init__(self, slices: Slices) -> None:
        self._slices, self._knowledge = slices, slices.knowledge
        self._concluding: dict[str, list[Rule]] = {}
        for rule in self._knowledge.rules:
            self._concluding.setdefault(rule.concludes, []).append(rule)
        self._tested = _union(slices.bits[str(test)] for test in self._knowledge.tests)
        self._levels = {f"care:{item.id}": item.level for item in self._knowledge.care}

    def of(self, invariant: Invariant) -> Proof:
        if invariant.proof == "reachable":
            return self._reachable(invariant)
        if invariant.proof == "monotone":
            return self._monotone(invariant)
        if invariant.proof == "disclaimers":
            return self._disclaimers(invariant)
        tried, complete = 0, True
        for given, then in zip(invariant.given, invariant.then, strict=True):
            slice_ = self._reach(given, reported=True) | self._reach(then, reported=False)
            patterns, whole = self._patterns(slice_)
            complete &= whole
            for pattern in patterns:
                tried += 1
                if self._breaks(given, then, pattern):
                    least = self._smallest(pattern, slice_, partial(self._breaks, given, then))
                    return self._broken(invariant, tried, least, slice_)
        return Proof(invariant.id, invariant.text, tried, complete, None)

    def _reachable(self, invariant: Invariant) -> Proof:
        tried, complete = 0, True
        for fact in self._shown():
            slice_ = self._reach(("fact", (fact,)), reported=True)
            patterns, whole = self._patterns(slice_)
            for pattern in patterns:
                tried += 1
                if self._true(fact, pattern):
                    break
            else:
                complete &= whole
                message = f"{invariant.text} {fact} is not."
                return Proof(
                    invariant.id, message, tried, False, {"case": f"no answers lead to {fact}", "findings": {}}
                )
        return Proof(invariant.id, invariant.text, tried, complete, None)

    def _monotone(self, invariant: Invariant) -> Proof:
        tried, complete = 0, True
        for slice_, weight in self._weights():
            patterns, whole = self._patterns(slice_)
            complete &= whole
            bits = [bit for bit in self._slices.bits.values() if slice_ & bit]
            for pattern in patterns:
                tried += 1
                for more in (pattern | bit for bit in bits if not pattern & bit):
                    if self._possible(more, slice_) and weight(more) < weight(pattern):
                        return self._broken(invariant, tried, more, slice_)
        return Proof(invariant.id, invariant.text, tried, complete, None)

    def _weights(self) -> Iterator[tuple[int, Callable[[int], int]]]:
        """Yield each conclusion's slice, and its weight for a pattern: its support, or 1 where it holds."""
        for nutrient in self._knowledge.nutrient:
            rules = self._slices.rules(["suggest", "support"], nutrient)
            table = self._slices.table(rules, lambda advice: sum(found.support for found in advice.nutrients))
            yield table.slice, table.__getitem__
        for fact in self._shown():
            if not fact.startswith("suggested:"):
                yield self._reach(("fact", (fact,)), reported=True), partial(self._true, fact)

    def _disclaimers(self, invariant: Invariant) -> Proof:
        said = tuple(item.id for item in self._knowledge.disclaimers)
        broken = None if said == DISCLAIMERS else {"case": "any", "findings": {}}
        return Proof(invariant.id, invariant.text, 1, broken is None, broken)

    def _shown(self) -> list[str]:
        knowledge = self._knowledge
        return [
            *(f"suggested:{nutrient}" for nutrient in knowledge.nutrient),
            *(f"advice:{item.id}" for item in knowledge.advice),
            *(f"caution:{item.id}" for item in knowledge.cautions),
            *(f"care:{item.id}" for item in knowledge.care),
        ]

    def _patterns(self, slice_: int) -> tuple[list[int], bool]:
        """Return the patterns of a slice, the smaller first, and whether these are all."""
        if slice_.bit_count() <= WIDEST:
            return list(self._slices.patterns(slice_)), True
        rng = random.Random(1)  # noqa: S311
        drawn = {rng.getrandbits(slice_.bit_length()) & slice_ for _ in range(SAMPLE)} | {0, slice_}
        possible = (pattern for pattern in drawn if self._possible(pattern, slice_))
        return sorted(possible, key=lambda pattern: (pattern.bit_count(), pattern)), False

    def _possible(self, pattern: int, slice_: int) -> bool:
        """Tell whether there are answers that show a pattern: tests of a number can exclude each other."""
        if not pattern & self._tested:
            return True
        try:
            self._slices.answers(pattern, slice_)
        except ValueError:
            return False
        return True

    def _smallest(self, pattern: int, slice_: int, breaks: Callable[[int], bool]) -> int:
        """Return the pattern without whatever it can do without: a pattern that was drawn is seldom the smallest."""
        for bit in self._slices.bits.values():
            fewer = pattern & ~bit
            if fewer != pattern and self._possible(fewer, slice_) and breaks(fewer):
                pattern = fewer
        return pattern

    def _breaks(self, given: Condition, then: Condition, pattern: int) -> bool:
        return self._holds(given, pattern) and not self._holds(then, pattern)

    def _reach(self, condition: Condition, reported: bool) -> int:
        """Return what a condition depends on; what it only asks to be reported counts where that is wanted."""
        how, parts = condition
        if how != "fact":
            return _union(self._reach(part, reported) for part in parts)
        (fact,) = parts
        rules = self._rules(fact)
        parsed = facts.parse(fact)
        # of a number, one test can settle another: those are never left to be absent
        counts = reported or (parsed is not None and parsed.comparison != "")
        own = self._slices.bits.get(fact, 0) if counts else 0
        return own | self._slices.of(rules)

    def _rules(self, fact: str) -> list[Rule]:
        if fact.startswith("care_level:"):
            return [rule for care in self._at_least(fact) for rule in self._concluding.get(care, ())]
        return self._concluding.get(fact, [])

    def _at_least(self, fact: str) -> list[str]:
        most = LEVELS.index(next(level for level in LEVELS if fact == f"care_level:{level}"))
        return [care for care, level in self._levels.items() if LEVELS.index(level) <= most]

    def _holds(self, condition: Condition, pattern: int) -> bool:
        how, parts = condition
        if how == "fact":
            return self._true(parts[0], pattern)
        return (all if how == "all" else any)(self._holds(part, pattern) for part in parts)

    def _true(self, fact: str, pattern: int) -> bool:
        if fact == "care_level:none" or pattern & self._slices.bits.get(fact, 0):
            return True
        return bool(self._slices.firings(self._rules(fact), pattern))

    def _broken(self, invariant: Invariant, tried: int, pattern: int, slice_: int) -> Proof:
        answers = self._slices.answers(pattern, slice_).given
        findings = {name: list(answer) if isinstance(answer, tuple) else answer for name, answer in answers.items()}
        return Proof(invariant.id, invariant.text, tried, False, {"case": invariant.id, "findings": findings})


def _union(bits: Iterable[int]) -> int:
    union = 0
    for bit in bits:
        union |= bit
    return union
