"""Invariants put to the test: the patterns of answers that could break one, each evaluated by the rule engine.

There are far too many different answers to try them all. But each conclusion depends on few facts (its slice, see
`advisor.reasoning.slices`), and rules are monotone: one more reported fact never takes a conclusion away. Both together
leave few patterns that could break an invariant; `_Verifier.reach` says which, and why no others are needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec

from advisor.analysis import patterns
from advisor.analysis.invariants import CareAtLeast, Implication, Invariant, Named
from advisor.analysis.patterns import Patterns
from advisor.analysis.report import Verdict
from advisor.diagnostics import Location
from advisor.engine.firings import Engine
from advisor.model import conditions
from advisor.model.answers import Answers
from advisor.model.conditions import All, Condition, Leaf, leaves
from advisor.model.facts import Concluded, Conclusion, Fact, reported
from advisor.model.knowledge import DISCLAIMERS, LEVELS, Answer, Knowledge, Rule
from advisor.reasoning.conclusions import Conclusions
from advisor.reasoning.slices import Slices, union
from advisor.reasoning.support_sets import SupportSet, SupportSets


def verify(invariants: Sequence[Invariant], knowledge: Knowledge, engine: Engine) -> tuple[Verdict, ...]:
    """Try each invariant on the rules of the knowledge, which the engine holds."""
    named = {name for invariant in invariants for name in invariant.names}
    verifier = _Verifier(_with_facts_reported(knowledge, named), engine)
    return tuple(map(verifier.verdict, invariants))


def _with_facts_reported(knowledge: Knowledge, named: Iterable[Named]) -> Knowledge:
    """Return the knowledge with one rule more, so that patterns show all the facts that are named.

    A fact that no rule asks for would otherwise hold in no pattern, and whatever is claimed of it would seem true. The
    engine does not hold the additional rule.
    """
    reportable = {one for one in named if isinstance(one, Fact) and one.kind in ("finding", "confirmed")}
    unasked = sorted(reportable - knowledge.reported_by.keys())
    if not unasked:
        return knowledge
    rule = Rule(
        id="invariants",
        condition=conditions.Any(tuple(map(Leaf, unasked))),
        concludes=Fact("derived", "invariants"),
        rationale="",
        basis="interpreted",
        source=(),
        examples=(),
        location=Location(),
    )
    return msgspec.structs.replace(knowledge, rules=(*knowledge.rules, rule))


class _Trial(NamedTuple):
    """Patterns to try, and what judges each: it returns a pattern that breaks the invariant, or None."""

    patterns: Patterns
    broken_by: Callable[[int], int | None]


class _Verifier:
    """Tries invariants on the rules of some knowledge."""

    def __init__(self, knowledge: Knowledge, engine: Engine) -> None:
        self._knowledge = knowledge
        self._slices = Slices(knowledge, engine)
        self._support_sets = SupportSets(knowledge)

    def verdict(self, invariant: Invariant) -> Verdict:
        """Return what trying this invariant shows."""
        if invariant.claim == "reachable":
            return self._reachable(invariant)
        if invariant.claim == "disclaimers":
            return self._disclaimers(invariant)
        if invariant.claim == "all_clear":
            return self._all_clear(invariant)
        if invariant.claim == "monotone":
            return self._tried(invariant, self._monotone())
        return self._tried(invariant, map(self._implication, invariant.claim))

    def _tried(self, invariant: Invariant, trials: Iterable[_Trial]) -> Verdict:
        number, complete = 0, True
        for trial in trials:
            complete &= trial.patterns.complete
            for pattern in trial.patterns.tried:
                number += 1
                broken = trial.broken_by(pattern)
                if broken is not None:
                    counterexample = self._symptom_file(invariant, broken, trial.patterns.slice)
                    return Verdict(invariant.id, invariant.text, number, False, counterexample)
        return Verdict(invariant.id, invariant.text, number, complete, None)

    def _implication(self, claim: Implication) -> _Trial:
        tried = Patterns(self._slices, self.reach(claim), partial(self._boundary, tuple(leaves(claim.given))))

        def breaks(pattern: int) -> bool:
            whole = self._slices.closed(pattern)
            return self._holds(claim.given, whole) and not self._holds(claim.then, whole)

        return _Trial(tried, lambda pattern: _smallest(pattern, tried, breaks) if breaks(pattern) else None)

    def reach(self, claim: Implication) -> int:
        """Return the slice whose patterns are enough to try where `given` is claimed to imply `then`.

        It has all the facts on which `given` depends, and the tests of numbers on which `then` does. A worked example:

            if:   {all: [age >= 70, suggested:vitamin_k2]}
            then: {any: [fatigue, muscle_cramps, caution:careful]}

            cramps_at_night -> suggested:vitamin_k2       confirmed:vitamin_k2 -> suggested:vitamin_k2
            age >= 65 -> caution:careful                  kidney_disease -> caution:careful

        The slice has age>=70, cramps_at_night, confirmed:vitamin_k2 and age>=65. Suppose some person breaks the claim,
        and take away everything that person reports besides those facts and what they imply. Then `given` still holds,
        since it depends on nothing that was taken away (such as tingling). And `then` still does not, since fewer
        reports never make anything true. What is left is a pattern of the slice with all that it implies, and so a
        pattern is judged. So whoever breaks the claim shows a pattern that does.

        `fatigue` and kidney_disease are left out for the same reason: nobody breaks the claim because of them. So is
        `muscle_cramps`, which holds all the same in every pattern of cramps_at_night, since that implies it. The test
        age>=65 must not be left out, because one test settles another: the pattern of age>=70 and a confirmed
        deficiency would break the claim, but nobody is 70 and not 65.
        """
        given, then = (
            union(self._own(name) | self._behind(name) for name in leaves(part)) for part in (claim.given, claim.then)
        )
        tests = union(self._slices.bits[test] for test in self._knowledge.tests)
        return given | (then & tests)

    def _own(self, name: Named) -> int:
        """Return the bit of a fact that can be reported, otherwise 0."""
        return self._slices.bits.get(name, 0) if isinstance(name, Fact) else 0

    def _behind(self, name: Named) -> int:
        """Return the slice of the rules that conclude something."""
        return self._slices.of(self._rules(name))

    def _rules(self, name: Named) -> list[Rule]:
        return [rule for one in self._concluded(name) for rule in self._slices.concluding(one)]

    def _concluded(self, name: Named) -> list[Concluded]:
        """Return what a rule has to conclude for a name to hold: any of these."""
        if not isinstance(name, CareAtLeast):
            return [name]
        pressing = LEVELS[: LEVELS.index(name.level) + 1]
        return [Conclusion("care", item.id) for item in self._knowledge.care if item.level in pressing]

    def _boundary(self, names: Iterable[Named]) -> list[SupportSet]:
        concluded = [one for name in names for one in self._concluded(name)]
        return patterns.boundary(self._support_sets, concluded)

    def _holds(self, condition: Condition[Named], pattern: int) -> bool:
        if isinstance(condition, Leaf):
            return self._true(condition.names, pattern)
        quantifier = all if isinstance(condition, All) else any
        return quantifier(self._holds(part, pattern) for part in condition.parts)

    def _true(self, name: Named, pattern: int) -> bool:
        if name == CareAtLeast("none") or pattern & self._own(name):
            return True
        return bool(self._slices.firings(self._rules(name), pattern))

    def _reachable(self, invariant: Invariant) -> Verdict:
        number = 0
        for one in self._knowledge.shown:
            tried = self._patterns_of(one)
            for pattern in tried.tried:
                number += 1
                if self._true(one, pattern):
                    break
            else:
                nowhere = {"case": f"no answers lead to {one}", "findings": {}}
                return Verdict(invariant.id, f"{invariant.text} {one} is not.", number, False, nowhere)
        return Verdict(invariant.id, invariant.text, number, True, None)

    def _monotone(self) -> Iterator[_Trial]:
        """Yield a trial for each conclusion: whether one further answer ever takes weight from it."""
        for tried, weight in self._weights():
            yield _Trial(tried, partial(_lighter, tried, weight))

    def _weights(self) -> Iterator[tuple[Patterns, Callable[[int], int]]]:
        """Yield the patterns of each conclusion, and its weight for one: support of a nutrient, or 1 if it holds."""
        for one in self._knowledge.shown:
            if one.kind != "suggested":
                yield self._patterns_of(one), partial(self._true, one)
                continue
            rules = self._slices.rules(("suggested", "supports"), one.id)
            table = self._slices.table(rules, lambda advice: sum(found.support for found in advice.nutrients))
            yield Patterns(self._slices, table.slice, partial(self._boundary, (one,))), table.__getitem__

    def _patterns_of(self, one: Concluded) -> Patterns:
        """Return the patterns on which a conclusion depends."""
        return Patterns(self._slices, self._own(one) | self._behind(one), partial(self._boundary, (one,)))

    def _all_clear(self, invariant: Invariant) -> Verdict:
        """Return whether an all-clear is given just where every pressing sign was answered no.

        Tried are all ways to answer some signs with no and the others not at all, and a yes to each sign, or to what
        implies it, where all others are answered no and where none is answered. Nobody else can be given an all-clear
        by mistake: `Answers` looks at each sign by itself, and nothing but a yes says anything of a sign left out.
        """
        signs = [reported(sign) for sign in self._knowledge.pressing_signs]
        complete = patterns.are_few(len(signs))
        some_denied = patterns.subsets(signs) if complete else patterns.sample(signs, patterns.SAMPLE, ())
        tried = [_denying(denied) for denied in some_denied]
        for name in {name: None for sign in signs for name in (sign.id, *self._knowledge.implied_by[sign.id])}:
            tried += [{name: True}, {**_denying(signs), name: True}]
        for number, given in enumerate(tried, 1):
            concluded = self._conclusions(Answers("", given))
            said = {*given, *concluded.advice.implied}
            unanswered = tuple(sign.id for sign in signs if sign.id not in said)
            clear = len(given) == len(signs) and not any(given.values())
            if concluded.advice.care.unanswered != unanswered or concluded.all_clear != clear:
                counterexample = {"case": invariant.id, "findings": given}
                return Verdict(invariant.id, invariant.text, number, False, counterexample)
        return Verdict(invariant.id, invariant.text, len(tried), complete, None)

    def _conclusions(self, answers: Answers) -> Conclusions:
        firings = self._slices.firings(self._knowledge.rules, self._slices.case(answers))
        return Conclusions(self._knowledge, answers, firings)

    def _disclaimers(self, invariant: Invariant) -> Verdict:
        complete = tuple(item.id for item in self._knowledge.disclaimers) == DISCLAIMERS
        return Verdict(invariant.id, invariant.text, 1, complete, None if complete else {"case": "any", "findings": {}})

    def _symptom_file(self, invariant: Invariant, pattern: int, slice_: int) -> dict[str, Any]:
        answers = self._slices.answers(pattern, slice_).given
        findings = {name: list(answer) if isinstance(answer, tuple) else answer for name, answer in answers.items()}
        return {"case": invariant.id, "findings": findings}


def _denying(signs: Iterable[Fact]) -> dict[str, Answer]:
    return dict.fromkeys((sign.id for sign in signs), False)


def _smallest(pattern: int, tried: Patterns, breaks: Callable[[int], bool]) -> int:
    """Return the pattern without the facts that it does not need to break a claim: a sampled one has many."""
    broken = (fewer for fewer in tried.fewer(pattern) if breaks(fewer))
    smaller = next(broken, None)
    return pattern if smaller is None else _smallest(smaller, tried, breaks)


def _lighter(tried: Patterns, weight: Callable[[int], int], pattern: int) -> int | None:
    """Return a pattern of one answer more for which something weighs less, if there is one."""
    return next((more for more in tried.more(pattern) if weight(more) < weight(pattern)), None)
