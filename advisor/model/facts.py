"""Facts and conclusions: what rules are about, as values, and how each is written.

A fact is what a rule's condition asks for:

    finding:<id>          reported yes, or implied by another finding
    finding:<id>>=<n>     a test of a number that holds (also <=, > and <)
    confirmed:<nutrient>  a deficiency found by a blood test or a doctor
    derived:<id>          concluded on the way, by a `derive` rule
    suggested:<nutrient>  concluded by a `suggest` rule

A rule concludes a fact that other rules can ask for (`derived:…`, `suggested:…`), or something that only the advice
uses, which is called a conclusion:

    supports:<nutrient>   adds weight to a nutrient, if that is suggested
    advice:<id>, caution:<id>, care:<id>

Inside the program both are values. These texts stand only at its edges: in YAML, in JSON, and in the rule engine. In a
condition an author may leave out `finding:`. Which ids exist is for `advisor.source`, what follows from a fact for
`advisor.engine`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Final, Literal, TypeAlias, get_args

import msgspec

FactKind: TypeAlias = Literal["finding", "confirmed", "derived", "suggested"]
ConclusionKind: TypeAlias = Literal["supports", "advice", "caution", "care"]
Comparison: TypeAlias = Literal["", ">=", "<=", ">", "<"]

_COMPARE: Final[dict[str, Callable[[int, int], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_COMPARISONS: Final[dict[str, Comparison]] = {text: text for text in get_args(Comparison)}
_FACT_KINDS: Final[dict[str, FactKind]] = {text: text for text in get_args(FactKind)}
_CONCLUSION_KINDS: Final[dict[str, ConclusionKind]] = {text: text for text in get_args(ConclusionKind)}
_FACT: Final = re.compile(
    r"(?:(?P<kind>[a-z]+)\s*:\s*)?(?P<id>[a-z][a-z0-9_]*)(?:\s*(?P<comparison>>=|<=|>|<)\s*(?P<bound>[0-9]{1,6}))?"
)


class Fact(msgspec.Struct, frozen=True, order=True, cache_hash=True):
    """Something that holds in a case, or does not. `comparison` and `bound` make it a test of a number."""

    kind: FactKind
    id: str
    comparison: Comparison = ""
    bound: int = 0

    @property
    def is_test(self) -> bool:
        """Whether this is a test of a number."""
        return self.comparison != ""

    def holds_for(self, number: int) -> bool:
        """Tell whether the number passes this test."""
        return _COMPARE[self.comparison](number, self.bound)

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}{self.comparison}{self.bound if self.comparison else ''}"


class Conclusion(msgspec.Struct, frozen=True, order=True, cache_hash=True):
    """Something that a rule concludes and no rule can ask for."""

    kind: ConclusionKind
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


Concluded: TypeAlias = Fact | Conclusion  # what a rule can conclude


def reported(finding: str) -> Fact:
    """Return the fact that a finding was reported."""
    return Fact("finding", finding)


def confirmed(nutrient: str) -> Fact:
    """Return the fact that a deficiency of a nutrient was confirmed."""
    return Fact("confirmed", nutrient)


def suggested(nutrient: str) -> Fact:
    """Return the fact that a nutrient may be worth discussing."""
    return Fact("suggested", nutrient)


def supports(nutrient: str) -> Conclusion:
    """Return the conclusion that something adds weight to a nutrient."""
    return Conclusion("supports", nutrient)


def parse_fact(text: str) -> Fact | None:
    """Read a fact as an author may write it (`age >= 65`, `derived:x`, `finding:x`); None where it is not one."""
    match = _FACT.fullmatch(text.strip())
    if not match:
        return None
    kind = _FACT_KINDS.get(match["kind"] or "finding")
    if kind is None or (match["comparison"] and kind != "finding"):
        return None
    return Fact(kind, match["id"], _COMPARISONS[match["comparison"] or ""], int(match["bound"] or 0))


def parse_conclusion(text: str) -> Conclusion | None:
    """Read a conclusion, such as `care:clot_signs`; None where it is not one."""
    written, _, id_ = text.strip().partition(":")
    kind = _CONCLUSION_KINDS.get(written.strip())
    return Conclusion(kind, id_.strip()) if kind else None
