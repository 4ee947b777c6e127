"""What one durable-rules 2.0.28 ruleset can hold, checked before the engine is built.

Past these limits the engine fails late (an error on some case), reads past its own tables, or hangs while building, so
a rule base that crosses one is refused when it is loaded. Each number was found by building rulesets of growing size in
a process of their own (`tests/test_limits.py` does it again); the names are those of upstream's C source.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from advisor.diagnostics import Diagnostic, KnowledgeError
from advisor.model.conditions import counted
from advisor.model.facts import Fact
from advisor.model.knowledge import Rule

CONDITIONS_IN_A_MATCH: Final = 16  # MAX_MESSAGE_FRAMES; the 17th: error 304 when the rule would fire
MATCHES_SHARING_A_FACT: Final = 255  # BETA_LIST_LENGTH 256 less its terminator; 256 crashes, 257 is error 108
DISTINCT_FACTS: Final = 510  # NEXT_BUCKET_LENGTH 512 less one free slot and the opening fact; one more hangs
MATCHES: Final = 4095  # MAX_ACTIONS 4096 less the opening rule

# What a condition may come to before it is written out. An alternative that names a fact twice may well shrink to what
# the engine holds, but one this long is a mistake.
_LONGEST_WRITTEN: Final = 255


def require(rules: Iterable[Rule]) -> None:
    """Raise KnowledgeError if the engine cannot hold these rules; its diagnostics name the rules that are too much."""
    problems = check(rules)
    if problems:
        raise KnowledgeError(problems)


def check(rules: Iterable[Rule]) -> list[Diagnostic]:
    """Return a problem for each limit that the rules cross, at the rule that crosses it."""
    rules = list(rules)
    # first without writing conditions out: there may be far too many alternatives for any memory
    too_large = [problem for rule in rules for problem in _too_large(rule)]
    return sorted(set(too_large or _crossed(rules)))


def engine_hash(fact: str) -> int:
    """Return the hash (32-bit FNV-1a) by which alone the engine knows one fact from another (state.c, fnv1Hash32)."""
    value = 0x811C9DC5
    for byte in fact.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def _too_large(rule: Rule) -> Iterator[Diagnostic]:
    size = counted(rule.condition)
    if size.alternatives > MATCHES_SHARING_A_FACT:
        message = f"written out, this condition has more than {MATCHES_SHARING_A_FACT} alternatives; split the rule"
        yield Diagnostic(rule.location, "capacity", message)
    elif size.longest > _LONGEST_WRITTEN:
        yield _joins_too_many(rule, size.longest)


def _joins_too_many(rule: Rule, number: int) -> Diagnostic:
    message = (
        f"rule {rule.id!r} joins {number} conditions; the engine holds {CONDITIONS_IN_A_MATCH}; "
        "derive a fact from some of them first"
    )
    return Diagnostic(rule.location, "capacity", message)


def _crossed(rules: Iterable[Rule]) -> Iterator[Diagnostic]:
    users: Counter[Fact] = Counter()
    hashes: dict[int, str] = {}
    matches = 0
    for rule in rules:
        facts_before, matches_before = len(users), matches
        for alternative in rule.alternatives:
            if len(alternative) > CONDITIONS_IN_A_MATCH:
                yield _joins_too_many(rule, len(alternative))
            for fact in alternative:
                users[fact] += 1
                if users[fact] == MATCHES_SHARING_A_FACT + 1:
                    message = f"more than {MATCHES_SHARING_A_FACT} conditions use '{fact}'; the engine holds no more"
                    yield Diagnostic(rule.location, "capacity", message)
        matches += len(rule.alternatives)
        for text in (*map(str, rule.premises), str(rule.concludes)):
            other = hashes.setdefault(engine_hash(text), text)
            if other != text:
                message = f"the engine cannot tell {text!r} from {other!r} (their hashes are equal); rename one of them"
                yield Diagnostic(rule.location, "capacity", message)
        if facts_before <= DISTINCT_FACTS < len(users):
            message = f"the rules use more than {DISTINCT_FACTS} different facts; the engine would hang"
            yield Diagnostic(rule.location, "capacity", message)
        if matches_before <= MATCHES < matches:
            message = f"the rules have more than {MATCHES} alternatives in all; the engine holds no more"
            yield Diagnostic(rule.location, "capacity", message)
