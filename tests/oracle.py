"""A naive evaluator of rules, and the contract's rule table: what the engine's results are held against.

Written without a look at the package: it shares no code with it, works on plain tuples, and starts over with all rules
until nothing new follows.
"""

from __future__ import annotations

import random
import re
from typing import Any, NamedTuple, TypeAlias

Person: TypeAlias = dict[str, Any]  # finding to True, False, a number or a list of nutrients

NUTRIENTS = ["magnesium", "potassium", "calcium", "vitamin_d", "vitamin_b6", "vitamin_b12", "vitamin_k2"]
SYMPTOMS = (
    "muscle_cramps cramps_at_night prolonged_contractions muscle_tension muscle_weakness muscle_aches muscle_wasting "
    "fatigue tingling brittle_nails dry_skin"
).split()
LIFESTYLE = (
    "excessive_alcohol poor_diet dehydration inactivity low_sunlight rarely_eats_leafy_greens "
    "rarely_eats_nuts_seeds_whole_grains rarely_eats_potassium_foods rarely_eats_dairy rarely_eats_oily_fish "
    "rarely_eats_meat_or_fish rarely_eats_fermented_foods_eggs_cheese"
).split()
ABOUT = "age kidney_disease takes_medicines takes_warfarin other_condition confirmed_deficiency".split()
WARNINGS = (
    "cramps_persist cramps_disturb_sleep cramp_over_10_minutes numbness_or_swelling one_leg_swollen_warm_or_red "
    "breathless_or_chest_pain toxic_or_infected_exposure"
).split()
VOCABULARY = SYMPTOMS + LIFESTYLE + ABOUT + WARNINGS

# The table of the contract: what is concluded, and when. `;` separates alternatives, AND joins.
TABLE = """
derive finding:muscle_cramps | cramps_at_night
suggest magnesium | muscle_cramps; muscle_tension; cramps_at_night
suggest potassium | muscle_cramps; muscle_weakness; fatigue; prolonged_contractions
suggest calcium | muscle_cramps; brittle_nails; dry_skin
suggest vitamin_d | muscle_cramps; muscle_weakness; muscle_aches; muscle_wasting
suggest vitamin_b12 | muscle_cramps; muscle_weakness; fatigue; tingling
suggest vitamin_b6 | muscle_cramps AND poor_diet; muscle_cramps AND excessive_alcohol
suggest vitamin_k2 | cramps_at_night
support vitamin_k2 | cramps_at_night AND age>=65
derive derived:electrolyte_imbalance_risk | dehydration
support magnesium | derived:electrolyte_imbalance_risk AND muscle_cramps
support potassium | derived:electrolyte_imbalance_risk AND muscle_cramps
support calcium | derived:electrolyte_imbalance_risk AND muscle_cramps
derive derived:low_intake_magnesium | rarely_eats_leafy_greens AND rarely_eats_nuts_seeds_whole_grains
derive derived:low_intake_potassium | rarely_eats_potassium_foods
derive derived:low_intake_calcium | rarely_eats_dairy AND rarely_eats_leafy_greens
derive derived:low_intake_vitamin_d | low_sunlight AND rarely_eats_oily_fish AND rarely_eats_dairy
derive derived:low_intake_vitamin_b12 | rarely_eats_meat_or_fish AND rarely_eats_dairy
derive derived:low_intake_vitamin_k2 | rarely_eats_fermented_foods_eggs_cheese
derive derived:low_calcium_risk | derived:low_intake_vitamin_d AND muscle_cramps
support calcium | derived:low_calcium_risk
advise hydrate | muscle_cramps; dehydration
advise stretch | muscle_cramps
advise calf_stretch_before_bed | cramps_at_night
advise moderate_exercise | muscle_cramps AND inactivity
advise balanced_diet | muscle_cramps; poor_diet
caution kidney_disease | kidney_disease
caution medicines | takes_medicines; takes_warfarin
caution other_condition | other_condition
caution vitamin_k_and_warfarin | takes_warfarin AND suggested:vitamin_k2
refer breathless_or_chest_pain | breathless_or_chest_pain
refer clot_signs | one_leg_swollen_warm_or_red
refer long_cramp | cramp_over_10_minutes
refer toxic_exposure | toxic_or_infected_exposure AND muscle_cramps
refer persistent_cramps | cramps_persist
refer sleep_disturbed | cramps_disturb_sleep
refer numbness_or_swelling | numbness_or_swelling
refer wasting_or_weakness | muscle_wasting; muscle_weakness
"""
LEVELS = {"breathless_or_chest_pain": "emergency", "clot_signs": "urgent", "long_cramp": "urgent"} | {
    "toxic_exposure": "urgent"
}


class Clause(NamedTuple):
    verb: str
    target: str
    premises: tuple[str, ...]


def contract() -> list[Clause]:
    """The table, and the two rows that speak of every nutrient alike."""
    clauses = []
    for line in TABLE.strip().splitlines():
        then, when = line.split(" | ")
        verb, target = then.split()
        for alternative in when.split("; "):
            premises = tuple(p if ":" in p else f"finding:{p}" for p in alternative.split(" AND "))
            clauses.append(Clause(verb, target, premises))
    for nutrient in NUTRIENTS:
        clauses.append(Clause("suggest", nutrient, (f"confirmed:{nutrient}",)))
        if nutrient != "vitamin_b6":  # no food is named for it, so no low intake is derived
            clauses.append(Clause("support", nutrient, (f"suggested:{nutrient}", f"derived:low_intake_{nutrient}")))
    return clauses


class Outcome(NamedTuple):
    fired: set[Clause]
    matched: dict[str, set[str]]  # by suggested nutrient

    def concluded(self, verb: str) -> set[str]:
        return {clause.target for clause in self.fired if clause.verb == verb}

    def ranking(self) -> list[tuple[str, int]]:
        pairs = [(nutrient, len(self.matched[nutrient])) for nutrient in NUTRIENTS if nutrient in self.matched]
        return sorted(pairs, key=lambda pair: (-pair[1], NUTRIENTS.index(pair[0])))


def evaluate(clauses: list[Clause], answers: Person) -> Outcome:
    """Everything that follows from the answers; each fact carries the reported findings it goes back to."""
    facts: dict[str, set[str]] = {}
    for finding, answer in answers.items():
        if answer is True:
            facts[f"finding:{finding}"] = {finding}
        elif isinstance(answer, list):
            facts.update({f"confirmed:{nutrient}": {finding} for nutrient in answer})
    for clause in clauses:
        for premise in clause.premises:
            test = re.fullmatch(r"finding:(\w+)>=(\d+)", premise)
            if test and type(answers.get(test[1])) is int and answers[test[1]] >= int(test[2]):
                facts[premise] = {test[1]}
    before = None
    while before != facts:
        before = {fact: set(leaves) for fact, leaves in facts.items()}
        for clause in clauses:
            if all(premise in facts for premise in clause.premises):
                if clause.verb == "derive":
                    leaves = set().union(*(facts[premise] for premise in clause.premises))
                    facts[clause.target] = facts.get(clause.target, set()) | leaves
                elif clause.verb == "suggest":
                    facts.setdefault(f"suggested:{clause.target}", set())
    fired = {clause for clause in clauses if all(premise in facts for premise in clause.premises)}
    matched: dict[str, set[str]] = {clause.target: set() for clause in fired if clause.verb == "suggest"}
    for clause in fired:
        if clause.verb in ("suggest", "support") and clause.target in matched:
            matched[clause.target].update(*(facts[premise] for premise in clause.premises))
    return Outcome(fired, matched)


def random_answers(rng: random.Random) -> Person:
    """A person: any finding may be yes, no or not answered, in any order."""
    share = rng.choice([0.05, 0.15, 0.25, 0.5, 0.9])
    answers: Person = {}
    for finding in rng.sample(VOCABULARY, len(VOCABULARY)):
        if finding == "age":
            if rng.random() < 0.6:
                answers["age"] = rng.choice([rng.randrange(121), 64, 65, 66])
        elif finding == "confirmed_deficiency":
            if rng.random() < 0.3:
                answers[finding] = rng.sample(NUTRIENTS, rng.randrange(len(NUTRIENTS) + 1))
        elif rng.random() < share:
            answers[finding] = True
        elif rng.random() < 0.2:
            answers[finding] = False
    return answers
