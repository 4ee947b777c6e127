"""Whether what needs help at once is asked for: every rule that calls for it names a warning sign, asked on its screen.

An all-clear rests on the pressing signs, those that a rule for emergency or urgent care names. It is worth nothing
where such a rule can fire without one of them, or where the questionnaire asks one of them among everyday things.
"""

from __future__ import annotations

from collections.abc import Iterator

from advisor.analysis import positions
from advisor.diagnostics import AdvisorError, Diagnostic
from advisor.model.conditions import Alternative
from advisor.model.facts import reported
from advisor.model.knowledge import PRESSING, Knowledge, Rule
from advisor.reasoning.support_sets import SupportSets
from advisor.source.loader import Folders


def faults(knowledge: Knowledge, folders: Folders) -> Iterator[Diagnostic]:
    """Yield the rules for pressing care that can fire without a warning sign, and the screens with the wrong signs."""
    yield from _rules(knowledge)
    yield from _screens(knowledge, folders)


def _rules(knowledge: Knowledge) -> Iterator[Diagnostic]:
    support_sets = SupportSets(knowledge)
    levels = {item.id: item.level for item in knowledge.care}
    for rule in knowledge.rules:
        level = levels.get(rule.concludes.id, "none") if rule.verb == "refer" else "none"
        if level in PRESSING and any(_without_sign(knowledge, support_sets, rule, one) for one in rule.alternatives):
            message = (
                f"rule {rule.id!r} calls for {level} care without a warning sign, so nobody is told where that was not "
                "answered"
            )
            yield Diagnostic(rule.location, "no-warning-sign", message)


def _without_sign(knowledge: Knowledge, support_sets: SupportSets, rule: Rule, alternative: Alternative) -> bool:
    """Tell whether answers without any pressing sign can fire a rule by this alternative."""
    signs = set(map(reported, knowledge.pressing_signs))
    try:
        return any(signs.isdisjoint(one) for one in support_sets.of_all(rule, alternative))
    except AdvisorError:  # there are too many to look at, which is a fault of its own
        return False


def _screens(knowledge: Knowledge, folders: Folders) -> Iterator[Diagnostic]:
    for screen in knowledge.screens:
        location = positions.of_record(folders.known["interview"], "screens", screen.id)
        for finding in screen.findings:
            pressing = finding in knowledge.pressing_signs
            if screen.pressing and not pressing:
                message = f"screen {screen.id!r} is pressing, but {finding!r} leads to no emergency or urgent care"
                yield Diagnostic(location, "pressing-screen", message)
            elif pressing and not screen.pressing:
                message = f"screen {screen.id!r} must be pressing: {finding!r} leads to emergency or urgent care"
                yield Diagnostic(location, "pressing-screen", message)
