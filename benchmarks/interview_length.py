"""How many findings and screens the adaptive questionnaire asks, against asking everything.

    python benchmarks/interview_length.py [PEOPLE]

People are drawn at random: each finding is a yes with the given probability; who has cramps at night has cramps. The
counts do not depend on the machine.
"""

from __future__ import annotations

import random
import sys

import advisor
from advisor.model.knowledge import Knowledge
from advisor.reasoning.interview import Interview, Question


def person(knowledge: Knowledge, share: float, rng: random.Random) -> dict[str, bool]:
    """Draw who answers yes to what."""
    yes = {finding.id: rng.random() < share for finding in knowledge.findings}
    for finding in knowledge.findings:
        if finding.only_after and yes[finding.id]:
            yes[finding.only_after] = True
    return yes


def reply(question: Question, yes: dict[str, bool], rng: random.Random) -> bool | int | list[str]:
    """Answer a question as that person would."""
    if question.kind == "number":
        return rng.randint(question.minimum, question.maximum)
    if question.kind == "yes_no":
        return yes[question.id]
    return [option.id for option in question.options if yes.get(option.id)]


def mean_length(knowledge: Knowledge, share: float, people: int, one_by_one: bool) -> tuple[float, float]:
    """Return the mean numbers of findings and of questions asked."""
    rng = random.Random(1)
    findings = questions = 0
    for _ in range(people):
        yes = person(knowledge, share, rng)
        interview = Interview(knowledge, one_by_one)
        while question := interview.next():
            findings += len(question.findings)
            questions += 1
            interview.answer(question.id, reply(question, yes, rng))
    return findings / people, questions / people


def main() -> None:
    """Print a table of means by how much people have to report."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    knowledge = advisor.load().knowledge
    print(f"asking everything: {len(knowledge.findings)} findings, {len(knowledge.screens)} screens")
    print(f"adaptive, means of {people} people:")
    print("  share of yes    findings    screens    one by one: findings")
    for share in (0.0, 0.05, 0.15, 0.25, 0.5, 1.0):
        findings, screens = mean_length(knowledge, share, people, one_by_one=False)
        single, _ = mean_length(knowledge, share, people, one_by_one=True)
        print(f"  {share:12.2f} {findings:11.1f} {screens:10.1f} {single:15.1f}")


if __name__ == "__main__":
    main()
