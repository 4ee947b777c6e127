"""What is known, as frozen objects: findings, nutrients, guidance, sources and rules, in their order.

`advisor.source.loader` makes the objects and validates them; everything else only reads them. Nothing here does I/O or
evaluates rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Final, Literal, TypeAlias, get_args

import msgspec

from advisor.diagnostics import Location
from advisor.model import conditions
from advisor.model.conditions import Alternative, Condition
from advisor.model.facts import Concluded, Conclusion, ConclusionKind, Fact, FactKind, suggested

Kind: TypeAlias = Literal["yes_no", "number", "nutrients"]
Level: TypeAlias = Literal["emergency", "urgent", "routine", "none"]
Verb: TypeAlias = Literal["suggest", "support", "derive", "advise", "caution", "refer"]
Basis: TypeAlias = Literal["stated", "interpreted"]
Answer: TypeAlias = bool | int | tuple[str, ...]

DISCLAIMERS: Final = (
    "not_medical_advice",
    "consult_before_supplements",
    "results_vary",
    "no_magic_bullet",
    "limited_scope",
)
WARNING_SIGNS: Final = "warning_signs"  # the group of findings whose rules send a person to a doctor
PRESSING: Final[tuple[Level, ...]] = ("emergency", "urgent")  # levels that come before everything else
LEVELS: Final[tuple[Level, ...]] = get_args(Level)  # the most pressing first
VERBS: Final[tuple[Verb, ...]] = get_args(Verb)
VERB_OF: Final[dict[FactKind | ConclusionKind, Verb]] = {
    "suggested": "suggest",
    "supports": "support",
    "derived": "derive",
    "finding": "derive",
    "advice": "advise",
    "caution": "caution",
    "care": "refer",
}


class Passage(msgspec.Struct, frozen=True):
    """One sentence or table row of a source: where it stands, and what it says in our words."""

    id: str
    place: str
    summary: str
    background: str | None  # why nothing uses it, where nothing does
    sha256: str | None  # of the passage's text with white space normalised; None where we hold no text of the source


class Source(msgspec.Struct, frozen=True):
    """A text that knowledge and rules rest on."""

    id: str
    title: str
    publisher: str
    address: str | None  # where it can be found, in full
    date: str | None  # when it was written or last reviewed
    read: str | None  # what was read of it, and when: the page itself, a copy, newspapers, an abstract
    passages: tuple[Passage, ...]


class Finding(msgspec.Struct, frozen=True):
    """Something a person can report: a symptom, a habit, a fact about them, a warning sign."""

    id: str
    group: str
    kind: Kind
    label: str
    question: str
    help: str
    synonyms: tuple[str, ...]
    implies: tuple[str, ...] = ()  # what a yes to this one says as well, because of what the words mean
    only_after: str | None = None  # an earlier finding; this one is asked only if that one was not answered no
    minimum: int | None = None  # for kind `number`, inclusive
    maximum: int | None = None


class Group(msgspec.Struct, frozen=True):
    """A heading under which findings are asked and listed."""

    id: str
    label: str


class Screen(msgspec.Struct, frozen=True):
    """Findings that the questionnaire asks together."""

    id: str
    question: str  # of a checklist; empty for a screen of one finding, which is asked with its own question
    findings: tuple[str, ...]
    pressing: bool = False  # once something is chosen here, the rest counts as not answered, not as no


class Derived(msgspec.Struct, frozen=True):
    """A fact that rules conclude on the way to something else."""

    id: str
    label: str


class Evidence(msgspec.Struct, frozen=True):
    """How well the source supports a link between a nutrient and cramps."""

    status: str
    note: str
    source: tuple[str, ...]


class EvidenceStatus(msgspec.Struct, frozen=True):
    """An evidence status in a few words, as shown to a person."""

    id: str
    label: str


class Nutrient(msgspec.Struct, frozen=True):
    """A vitamin or mineral the rules can suggest to discuss with a doctor."""

    id: str
    name: str
    function: str
    foods: tuple[str, ...]
    evidence: Evidence
    ask_your_doctor: str
    source: tuple[str, ...]


class Guidance(msgspec.Struct, frozen=True):
    """A text that a rule brings up (advice, a caution) or that is always shown (a disclaimer)."""

    id: str
    text: str
    source: tuple[str, ...]
    about: tuple[str, ...] = ()  # of a caution: the nutrients it is about, on whose cards it stands as well
    card_only: bool = False  # of a caution: it rests on nothing that a person said, and stands on the card alone


class CareItem(msgspec.Struct, frozen=True):
    """A reason to seek care, and how soon."""

    id: str
    level: Level
    label: str  # a noun phrase, for a list under a more pressing level
    sign: str  # what to watch for, after "if"; empty below urgent
    text: str
    source: tuple[str, ...]


class CareLevel(msgspec.Struct, frozen=True):
    """How soon to seek care, in a person's words."""

    id: Level
    heading: str
    text: str | None = None  # what is to be said at this level whatever the reasons
    heading_unanswered: str | None = None  # in their place unless every pressing sign was answered no
    text_unanswered: str | None = None


class Rule(msgspec.Struct, frozen=True, dict=True):
    """Where the condition holds, this follows."""

    id: str
    condition: Condition[Fact]
    concludes: Concluded
    rationale: str  # why, in a sentence for a person; `because` in YAML
    basis: Basis
    source: tuple[str, ...]  # passage ids
    examples: tuple[dict[str, Answer], ...]  # answers that fire it
    location: Location

    @property
    def verb(self) -> Verb:
        """How the rule says what it concludes: `suggest`, `derive`, …."""
        return VERB_OF[self.concludes.kind]

    @cached_property
    def alternatives(self) -> tuple[Alternative, ...]:
        """The condition as the rule engine matches it: one list of facts for each way in which it holds.

        To be used only of rules that `advisor.engine.limits` has passed.
        """
        return conditions.alternatives(self.condition)

    @property
    def premises(self) -> tuple[Fact, ...]:
        """The facts that the condition names, each once."""
        return tuple(dict.fromkeys(conditions.leaves(self.condition)))


class Knowledge(msgspec.Struct, frozen=True, dict=True):
    """Everything the advisor knows. Tuples keep the order of the files, which is the order of every output.

    `rules` are in firing order: a rule stands after all rules that conclude one of its premises; among rules that do
    not depend on each other the order is that of the files (by name) and of the rules in them.
    """

    version: str
    digest: str  # `sha256:` of the parsed content of every file, so comments and layout do not count
    sources: tuple[Source, ...]
    groups: tuple[Group, ...]
    findings: tuple[Finding, ...]
    screens: tuple[Screen, ...]  # in the order they are asked
    derived: tuple[Derived, ...]
    evidence_statuses: tuple[EvidenceStatus, ...]
    nutrients: tuple[Nutrient, ...]
    advice: tuple[Guidance, ...]
    cautions: tuple[Guidance, ...]
    care_levels: tuple[CareLevel, ...]
    care: tuple[CareItem, ...]
    disclaimers: tuple[Guidance, ...]
    rules: tuple[Rule, ...]

    @cached_property
    def finding(self) -> dict[str, Finding]:
        """Findings by id, in vocabulary order."""
        return {finding.id: finding for finding in self.findings}

    @cached_property
    def nutrient(self) -> dict[str, Nutrient]:
        """Nutrients by id, in the order that breaks ties."""
        return {nutrient.id: nutrient for nutrient in self.nutrients}

    @cached_property
    def rule(self) -> dict[str, Rule]:
        """Rules by id, in firing order."""
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def premises(self) -> tuple[Fact, ...]:
        """Every fact that some rule asks for, each once, in the order of the rules."""
        return tuple(dict.fromkeys(fact for rule in self.rules for fact in rule.premises))

    @cached_property
    def tests(self) -> tuple[Fact, ...]:
        """The tests of numbers that rules use, each once."""
        return tuple(fact for fact in self.premises if fact.is_test)

    def telling_numbers(self, finding: str) -> list[int]:
        """Return, in order, numbers among which is the smallest for each way to pass the tests of a finding."""
        asked = self.finding[finding]
        low, high = asked.minimum or 0, asked.maximum or 0
        bounds = {test.bound + step for test in self.tests if test.id == finding for step in (-1, 0, 1)}
        return sorted({low, high, *(bound for bound in bounds if low <= bound <= high)})

    @cached_property
    def reported_by(self) -> dict[Fact, str]:
        """The facts in rules that an answer can be, each with the finding that is answered."""
        nutrients = next((finding.id for finding in self.findings if finding.kind == "nutrients"), None)
        reported: dict[Fact, str] = {}
        for fact in self.premises:
            if fact.kind == "finding":
                reported[fact] = fact.id
            elif fact.kind == "confirmed" and nutrients:
                reported[fact] = nutrients
        return reported

    @cached_property
    def implied_by(self) -> dict[str, tuple[str, ...]]:
        """Findings by id, each with those whose yes is a yes to it as well, directly or through others."""
        return {
            finding.id: tuple(other.id for other in self.findings if finding.id in self.implied[other.id])
            for finding in self.findings
        }

    @cached_property
    def implied(self) -> dict[str, frozenset[str]]:
        """Findings by id, each with all that a yes to it implies, directly or through others."""
        following: dict[str, frozenset[str]] = {}
        for finding in self.findings:
            found, waiting = set[str](), list(finding.implies)
            while waiting:
                name = waiting.pop()
                if name not in found:
                    found.add(name)
                    waiting += self.finding[name].implies
            following[finding.id] = frozenset(found - {finding.id})
        return following

    @cached_property
    def pressing_signs(self) -> tuple[str, ...]:
        """The warning signs that a rule for emergency or urgent care names, in vocabulary order."""
        levels = {item.id: item.level for item in self.care}
        behind: dict[Concluded, set[Fact]] = {}
        named: set[Fact] = set()
        for rule in self.rules:  # premises first, so that what derived facts go back to is known
            premises = {fact for premise in rule.premises for fact in (premise, *behind.get(premise, ()))}
            if isinstance(rule.concludes, Fact):
                behind.setdefault(rule.concludes, set()).update(premises)
            elif rule.concludes.kind == "care" and levels[rule.concludes.id] in PRESSING:
                named |= premises
        signs = {fact.id for fact in named if fact.kind == "finding"}
        return tuple(f.id for f in self.findings if f.group == WARNING_SIGNS and f.id in signs)

    @cached_property
    def cautions_about(self) -> dict[str, tuple[Guidance, ...]]:
        """Nutrients by id, each with the cautions that are about it."""
        return {n: tuple(item for item in self.cautions if n in item.about) for n in self.nutrient}

    @cached_property
    def shown(self) -> tuple[Concluded, ...]:
        """Everything that can be concluded and shown, in the order of the output."""
        return (
            *(Conclusion("care", item.id) for item in self.care),
            *(suggested(nutrient.id) for nutrient in self.nutrients),
            *(Conclusion("advice", item.id) for item in self.advice),
            *(Conclusion("caution", item.id) for item in self.cautions),
        )

    @cached_property
    def cited_by(self) -> dict[str, tuple[str, ...]]:
        """Passages by id, each with what cites it: `rule:<id>`, `nutrient:<id>`, `advice:<id>`, …."""
        citing: dict[str, dict[str, None]] = {passage: {} for passage in self.passage}
        for user, passages in self._citations():
            for passage in passages:
                citing[passage][user] = None
        return {passage: tuple(users) for passage, users in citing.items()}

    @cached_property
    def passage(self) -> dict[str, tuple[Source, Passage]]:
        """Passages by id, each with the source it stands in."""
        return {passage.id: (source, passage) for source in self.sources for passage in source.passages}

    @cached_property
    def care_level(self) -> dict[Level, CareLevel]:
        """Care levels by id, the most pressing first."""
        return {level.id: level for level in self.care_levels}

    def _citations(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield everything that cites passages, as (`rule:<id>` or `<kind>:<id>`, the passage ids)."""
        for nutrient in self.nutrients:
            yield f"nutrient:{nutrient.id}", nutrient.source + nutrient.evidence.source
        for kind, items in (("advice", self.advice), ("caution", self.cautions), ("disclaimer", self.disclaimers)):
            for item in items:
                yield f"{kind}:{item.id}", item.source
        for care in self.care:
            yield f"care:{care.id}", care.source
        for rule in self.rules:
            yield f"rule:{rule.id}", rule.source
