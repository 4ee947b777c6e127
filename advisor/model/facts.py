"""Facts: the strings that rules are about, and how to read one.

    finding:<id>          reported yes, or implied by another finding
    finding:<id>>=<n>     a numeric test that holds (also <=, > and <)
    confirmed:<nutrient>  a deficiency found by a blood test or a doctor
    derived:<id>          concluded on the way, by a `derive` rule
    suggested:<nutrient>  concluded by a `suggest` rule

A condition names a finding without the prefix; everywhere else a fact is written in full. This module holds the
notation only: which ids exist is the loader's business, what follows from a fact the engine's.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Final

import msgspec

COMPARISONS: Final[dict[str, Callable[[int, int], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
KINDS: Final = ("finding", "confirmed", "derived", "suggested")

_FACT = re.compile(
    r"(?:(?P<kind>[a-z]+)\s*:\s*)?(?P<name>[a-z][a-z0-9_]*)(?:\s*(?P<op>>=|<=|>|<)\s*(?P<bound>[0-9]{1,6}))?"
)


class Fact(msgspec.Struct, frozen=True):
    """A fact taken apart. `comparison` and `bound` are set for a numeric test, else empty and 0."""

    kind: str
    name: str
    comparison: str = ""
    bound: int = 0

    def holds_for(self, number: int) -> bool:
        """Tell whether the number passes this numeric test."""
        return COMPARISONS[self.comparison](number, self.bound)

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}{self.comparison}{self.bound if self.comparison else ''}"


def parse(text: str) -> Fact | None:
    """Read a fact as an author may write it (`age >= 65`, `derived:x`, `finding:x`); None where it is not one."""
    match = _FACT.fullmatch(text.strip())
    if not match:
        return None
    kind = match["kind"] or "finding"
    if kind not in KINDS or (match["op"] and kind != "finding"):
        return None
    return Fact(kind, match["name"], match["op"] or "", int(match["bound"] or 0))
