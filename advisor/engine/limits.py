"""What one durable-rules 2.0.28 ruleset can hold, checked before the engine is built.

Past these limits the engine fails late (an error on some case), reads past its own tables, or hangs while building,
so a rule base that crosses one is refused when it is loaded. Each number was found by building rulesets of growing
size in a process of their own (`tests/test_capacity.py` does it again); the names are those of upstream's C source.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from advisor.diagnostics import Problem
from advisor.model.knowledge import Rule

CONDITIONS_IN_A_MATCH: Final = 16  # MAX_MESSAGE_FRAMES; the 17th: error 304 when the rule would fire
MATCHES_SHARING_A_FACT: Final = 255  # BETA_LIST_LENGTH 256 less its terminator; 256 crashes, 257 is error 108
DISTINCT_FACTS: Final = 510  # NEXT_BUCKET_LENGTH 512 less one free slot and the opening fact; one more hangs
MATCHES: Final = 4095  # MAX_ACTIONS 4096 less the opening rule


def engine_hash(fact: str) -> int:
    """Return the hash (32-bit FNV-1a) by which alone the engine knows one fact from another (state.c, fnv1Hash32)."""
    value = 0x811C9DC5
    for byte in fact.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def check(rules: Iterable[Rule]) -> list[Problem]:
    """Return a problem for each limit that the rules cross, at the rule that crosses it."""
    problems: list[Problem] = []
    users: Counter[str] = Counter()
    hashes: dict[int, str] = {}
    matches = 0

    for rule in rules:
        file, _, line = rule.origin.rpartition(":")

        def refuse(message: str, file: str = file, line: int = int(line)) -> None:
            problems.append(Problem(file, line, message, "capacity"))

        before = (len(users), matches)
        for alternative in rule.alternatives:
            if len(alternative) > CONDITIONS_IN_A_MATCH:
                refuse(
                    f"rule {rule.id!r} joins {len(alternative)} conditions; the engine holds {CONDITIONS_IN_A_MATCH}; "
                    "derive a fact from some of them first"
                )
            for fact in alternative:
                users[fact] += 1
                if users[fact] == MATCHES_SHARING_A_FACT + 1:
                    refuse(f"more than {MATCHES_SHARING_A_FACT} conditions use {fact!r}; the engine holds no more")
        matches += len(rule.alternatives)
        for fact in (*(f for alternative in rule.alternatives for f in alternative), rule.concludes):
            other = hashes.setdefault(engine_hash(fact), fact)
            if other != fact:
                refuse(f"the engine cannot tell {fact!r} from {other!r} (their hashes are equal); rename one of them")
        if before[0] <= DISTINCT_FACTS < len(users):
            refuse(f"the rules use more than {DISTINCT_FACTS} different facts; the engine would hang")
        if before[1] <= MATCHES < matches:
            refuse(f"the rules have more than {MATCHES} alternatives in all; the engine holds no more")
    return sorted(set(problems))
