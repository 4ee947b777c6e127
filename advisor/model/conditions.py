"""Conditions as trees, just as their author wrote them, and what they come to when they are written out.

    age >= 65                                   Leaf(Fact("finding", "age", ">=", 65))
    all: [cramps_at_night, {any: [a, b]}]       All((Leaf(cramps_at_night), Any((Leaf(a), Leaf(b)))))

The rule engine matches lists of facts that must all hold, so a condition is put into disjunctive normal form before
it gets there: `alternatives` of the second example gives ((cramps_at_night, a), (cramps_at_night, b)). That form can be
exponentially larger than the tree; `counted` tells how large, without writing it out.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Generic, NamedTuple, TypeAlias, TypeVar

import msgspec

from advisor.model.facts import Fact

F = TypeVar("F")  # of what a condition speaks: facts in rules; facts, conclusions and care levels in invariants

Alternative: TypeAlias = tuple[Fact, ...]


class Leaf(msgspec.Struct, Generic[F], frozen=True):
    """Holds where what it names holds."""

    names: F


class All(msgspec.Struct, Generic[F], frozen=True):
    """Holds where all its parts hold."""

    parts: tuple[Leaf[F] | All[F] | Any[F], ...]


class Any(msgspec.Struct, Generic[F], frozen=True):
    """Holds where at least one of its parts holds."""

    parts: tuple[Leaf[F] | All[F] | Any[F], ...]


Condition: TypeAlias = Leaf[F] | All[F] | Any[F]


class Size(NamedTuple):
    """How large a condition is when it is written out, repetitions counted."""

    alternatives: int
    longest: int  # facts in one alternative


def leaves(condition: Condition[F]) -> Iterator[F]:
    """Yield what a condition names, in the order written."""
    if isinstance(condition, Leaf):
        yield condition.names
    else:
        for part in condition.parts:
            yield from leaves(part)


def counted(condition: Condition[F]) -> Size:
    """Return the size of the disjunctive normal form without making it."""
    if isinstance(condition, Leaf):
        return Size(1, 1)
    sizes = [counted(part) for part in condition.parts]
    if isinstance(condition, Any):
        return Size(sum(size.alternatives for size in sizes), max(size.longest for size in sizes))
    return Size(prod(size.alternatives for size in sizes), sum(size.longest for size in sizes))


def alternatives(condition: Condition[Fact]) -> tuple[Alternative, ...]:
    """Return the disjunctive normal form, in the order written; repeated facts and alternatives are dropped.

    To be called only where `counted` has told that it is small enough.
    """
    if isinstance(condition, Leaf):
        return ((condition.names,),)
    parts = [alternatives(part) for part in condition.parts]
    if isinstance(condition, Any):
        return tuple(dict.fromkeys(alternative for part in parts for alternative in part))
    joined: list[Alternative] = [()]
    for part in parts:
        pairs = ((*left, *right) for left in joined for right in part)
        joined = list(dict.fromkeys(tuple(dict.fromkeys(pair)) for pair in pairs))
    return tuple(joined)
