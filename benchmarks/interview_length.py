"""How many findings and screens the adaptive questionnaire asks, against asking everything.

    python benchmarks/interview_length.py [PEOPLE]

People are drawn at random: each finding is a yes with the given probability, and a yes is a yes to what it implies as
well. A share of 0 is someone without any complaint. Few people have a pressing sign, so these are drawn with a tenth of
the probability. The counts do not depend on the machine.
"""

from __future__ import annotations

import random
import sys

import advisor
from advisor.model.knowledge import Knowledge
from advisor.reasoning.interview import Interview, Question

SHARES = (0.0, 0.05, 0.15, 0.25, 0.5, 1.0)
Counts = tuple[int, int]  # of findings and of questions


def person(knowledge: Knowledge, share: float, rng: random.Random) -> set[str]:
    """Draw who says yes to what."""
    rare = set(knowledge.pressing_signs)
    yes = {f.id for f in knowledge.findings if rng.random() < (share / 10 if f.id in rare else share)}
    return yes | {implied for finding in yes for implied in knowledge.implied[finding]}


def reply(question: Question, yes: set[str], rng: random.Random) -> bool | int | list[str]:
    """Answer a question as that person would. Of a list of nutrients, none is confirmed."""
    if question.kind == "number":
        return rng.randint(question.minimum, question.maximum)
    if question.kind == "yes_no":
        return question.id in yes
    return [option.id for option in question.options if option.id in yes]


def length(knowledge: Knowledge, yes: set[str], one_by_one: bool, rng: random.Random) -> Counts:
    """Hold one interview; return how many findings it asked, in how many questions."""
    findings = questions = 0
    interview = Interview(knowledge, one_by_one)
    while question := interview.next():
        findings += len(question.findings)
        questions += 1
        interview.answer(question.id, reply(question, yes, rng))
    return findings, questions


def mean_lengths(knowledge: Knowledge, share: float, people: int) -> tuple[float, float, float]:
    """Return the means of findings and screens asked, and of questions one by one."""
    rng = random.Random(1)
    totals = [0, 0, 0]
    for _ in range(people):
        yes = person(knowledge, share, rng)
        findings, screens = length(knowledge, yes, False, rng)
        _, singles = length(knowledge, yes, True, rng)
        totals = [total + more for total, more in zip(totals, (findings, screens, singles), strict=True)]
    return totals[0] / people, totals[1] / people, totals[2] / people


def main() -> None:
    """Print a table of means by how much people have to report."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    knowledge = advisor.load().knowledge
    print(f"asking everything: {len(knowledge.findings)} findings, {len(knowledge.screens)} screens")
    print(f"adaptive, means of {people} people:")
    print("  share of yes    findings    screens    questions one by one")
    for share in SHARES:
        findings, screens, singles = mean_lengths(knowledge, share, people)
        print(f"  {share:12.2f} {findings:11.1f} {screens:10.1f} {singles:23.1f}")


if __name__ == "__main__":
    main()
