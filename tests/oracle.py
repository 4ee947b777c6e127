"""A naive evaluator of rules, and the contract's tables: what the engine's results are held against.

Written from the contract alone, without a look at the package or its YAML: it shares no code with them, works on plain
tuples, and starts over with all rules until nothing new follows.
"""

from __future__ import annotations

import operator
import random
import re
from collections.abc import Iterable, Mapping
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
ABOUT = "age pregnant kidney_disease takes_medicines takes_warfarin other_condition confirmed_deficiency".split()
WARNINGS = (
    "breathless_or_chest_pain stroke_signs stiff_jaw_or_severe_spasms one_leg_swollen_warm_or_red "
    "cramp_over_10_minutes toxic_or_infected_exposure new_weakness_or_numbness muscle_twitching "
    "cramps_in_arms_chest_or_belly cramps_after_fluid_loss cramps_after_new_medicine cramps_when_walking "
    "numbness_or_swelling cramps_persist cramps_disturb_sleep"
).split()
VOCABULARY = SYMPTOMS + LIFESTYLE + ABOUT + WARNINGS

IMPLIES: dict[str, tuple[str, ...]] = {
    "cramps_at_night": ("muscle_cramps",),
    "cramp_over_10_minutes": ("muscle_cramps",),
    "cramps_in_arms_chest_or_belly": ("muscle_cramps",),
    "cramps_after_fluid_loss": ("muscle_cramps", "dehydration"),
    "cramps_after_new_medicine": ("muscle_cramps", "takes_medicines"),
    "cramps_when_walking": ("muscle_cramps",),
    "cramps_persist": ("muscle_cramps",),
    "cramps_disturb_sleep": ("muscle_cramps",),
    "takes_warfarin": ("takes_medicines",),
}

# The table of the contract: what is concluded, and when. `;` separates alternatives, AND joins. Care items with level.
TABLE = """
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
advise during_a_cramp | muscle_cramps
advise hydrate | muscle_cramps; dehydration
advise stretch | muscle_cramps
advise calf_stretch_before_bed | cramps_at_night
advise moderate_exercise | muscle_cramps AND inactivity
advise balanced_diet | muscle_cramps; poor_diet
advise ask_about_medicines | takes_medicines AND muscle_cramps; takes_medicines AND muscle_aches; \
takes_medicines AND muscle_weakness
caution kidney_disease | kidney_disease
caution medicines | takes_medicines
caution pregnancy | pregnant
caution child | age<=17
caution other_condition | other_condition
caution vitamin_k_and_warfarin | takes_warfarin
caution potassium_build_up | suggested:potassium AND kidney_disease; suggested:potassium AND takes_medicines; \
suggested:potassium AND age>=65
caution magnesium_and_conditions | suggested:magnesium AND kidney_disease; suggested:magnesium AND other_condition
caution vitamin_d_too_much | suggested:vitamin_d
caution vitamin_b6_too_much | suggested:vitamin_b6
refer emergency breathless_or_chest_pain | breathless_or_chest_pain
refer emergency stroke_signs | stroke_signs
refer emergency stiff_jaw_or_severe_spasms | stiff_jaw_or_severe_spasms
refer urgent clot_signs | one_leg_swollen_warm_or_red
refer urgent long_cramp | cramp_over_10_minutes
refer urgent toxic_exposure | toxic_or_infected_exposure
refer urgent weakness_or_numbness_with_cramps | new_weakness_or_numbness AND muscle_cramps
refer urgent twitching_with_cramps | muscle_twitching AND muscle_cramps
refer urgent cramps_in_arms_chest_or_belly | cramps_in_arms_chest_or_belly
refer urgent cramps_after_fluid_loss | cramps_after_fluid_loss
refer routine new_weakness_or_numbness | new_weakness_or_numbness
refer routine cramps_after_new_medicine | cramps_after_new_medicine
refer routine cramps_when_walking | cramps_when_walking
refer routine alcohol_with_cramps | excessive_alcohol AND muscle_cramps
refer routine muscle_symptoms_with_medicines | takes_medicines AND muscle_aches; takes_medicines AND muscle_weakness
refer routine numbness_or_swelling | numbness_or_swelling
refer routine persistent_cramps | cramps_persist
refer routine sleep_disturbed | cramps_disturb_sleep
refer routine wasting_or_weakness | muscle_wasting; muscle_weakness
"""
_ROWS = [(then.split(), when.split("; ")) for then, when in (line.split(" | ") for line in TABLE.strip().splitlines())]
CARE = {then[2]: then[1] for then, _ in _ROWS if then[0] == "refer"}  # item -> level, in the order of the contract
LEVELS = {item: level for item, level in CARE.items() if level != "routine"}  # the items that can be watched for
ADVICE = list(dict.fromkeys(then[1] for then, _ in _ROWS if then[0] == "advise"))
CAUTIONS = list(dict.fromkeys(then[1] for then, _ in _ROWS if then[0] == "caution"))
DISCLAIMERS = "not_medical_advice consult_before_supplements results_vary no_magic_bullet limited_scope".split()
ABOUT_NUTRIENT = {  # what a caution is about
    "potassium_build_up": "potassium",
    "magnesium_and_conditions": "magnesium",
    "vitamin_d_too_much": "vitamin_d",
    "vitamin_b6_too_much": "vitamin_b6",
    "vitamin_k_and_warfarin": "vitamin_k2",
}
CARD_ONLY = {"vitamin_d_too_much", "vitamin_b6_too_much"}
PRESSING = [  # the warning signs that an emergency or urgent rule names
    sign
    for sign in WARNINGS
    if any(sign in alternative.split(" AND ") for then, when in _ROWS for alternative in when if then[-1] in LEVELS)
]


class Clause(NamedTuple):
    verb: str
    target: str
    premises: tuple[str, ...]


def contract() -> list[Clause]:
    """The table, and the two rows that speak of every nutrient alike."""
    clauses = []
    for then, when in _ROWS:
        for alternative in when:
            premises = tuple(p if ":" in p else f"finding:{p}" for p in alternative.split(" AND "))
            clauses.append(Clause(then[0], then[-1], premises))
    for nutrient in NUTRIENTS:
        clauses.append(Clause("suggest", nutrient, (f"confirmed:{nutrient}",)))
        if nutrient != "vitamin_b6":  # no food is named for it, so no low intake is derived
            clauses.append(Clause("support", nutrient, (f"suggested:{nutrient}", f"derived:low_intake_{nutrient}")))
    return clauses


class Outcome(NamedTuple):
    fired: set[Clause]
    matched: dict[str, set[str]]  # by suggested nutrient: findings, reported or implied
    implied: list[str]  # what holds though it was not itself answered yes, in vocabulary order
    unanswered: list[str]  # pressing signs answered neither yes nor no, in vocabulary order

    def concluded(self, verb: str) -> set[str]:
        return {clause.target for clause in self.fired if clause.verb == verb}

    def ranking(self) -> list[tuple[str, int]]:
        """The nutrients with their support, in the order in which they are listed."""
        pairs = [(nutrient, len(self.matched[nutrient])) for nutrient in NUTRIENTS if nutrient in self.matched]
        return sorted(pairs, key=lambda pair: (-pair[1], NUTRIENTS.index(pair[0])))

    def ranks(self) -> list[int]:
        """The rank of each in that order: one more than the number of nutrients with more support."""
        supports = [support for _, support in self.ranking()]
        return [1 + sum(other > support for other in supports) for support in supports]

    def care(self) -> list[str]:
        return [item for item in CARE if item in self.concluded("refer")]

    def level(self) -> str:
        levels = {CARE[item] for item in self.care()}
        return next((level for level in ("emergency", "urgent", "routine") if level in levels), "none")

    def watch_for(self) -> list[str]:
        return [item for item in LEVELS if item not in self.concluded("refer")]

    def advice(self) -> list[str]:
        return [item for item in ADVICE if item in self.concluded("advise")]

    def cautions(self) -> list[str]:
        return [item for item in CAUTIONS if item in self.concluded("caution")]

    def cautions_about(self, nutrient: str) -> list[str]:
        return [item for item in self.cautions() if ABOUT_NUTRIENT.get(item) == nutrient]


def holding(reported: Iterable[str], implies: Mapping[str, tuple[str, ...]] = IMPLIES) -> set[str]:
    """The findings reported yes, and all that these imply, and what that implies."""
    found, open_ = set[str](), list(reported)
    while open_:
        finding = open_.pop()
        if finding not in found:
            found.add(finding)
            open_ += implies.get(finding, ())
    return found


_COMPARE = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}


def evaluate(
    clauses: list[Clause], answers: Mapping[str, object], implies: Mapping[str, tuple[str, ...]] = IMPLIES
) -> Outcome:
    """Everything that follows from the answers; each fact carries the findings it goes back to.

    With `implies={}` a yes says no more than itself, as for an engine that is given facts and not answers.
    """
    yes = [finding for finding, answer in answers.items() if answer is True]
    held = holding(yes, implies)
    facts: dict[str, set[str]] = {f"finding:{finding}": {finding} for finding in held}
    for finding, answer in answers.items():
        if isinstance(answer, list):
            facts.update({f"confirmed:{nutrient}": {finding} for nutrient in answer})
    for premise in {premise for clause in clauses for premise in clause.premises}:
        test = re.fullmatch(r"finding:(\w+?)(>=|<=|>|<)(\d+)", premise)
        number = answers.get(test[1]) if test else None
        if test and type(number) is int and _COMPARE[test[2]](number, int(test[3])):
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
    implied = [finding for finding in VOCABULARY if finding in held and finding not in yes]
    unanswered = [sign for sign in PRESSING if answers.get(sign) not in (True, False)]
    return Outcome(fired, matched, implied, unanswered)


def random_answers(rng: random.Random) -> Person:
    """A person: any finding may be yes, no or not answered, in any order."""
    share = rng.choice([0.05, 0.15, 0.25, 0.5, 0.9])
    answers: Person = {}
    for finding in rng.sample(VOCABULARY, len(VOCABULARY)):
        if finding == "age":
            if rng.random() < 0.6:
                answers["age"] = rng.choice([rng.randrange(121), 16, 17, 18, 64, 65, 66])
        elif finding == "confirmed_deficiency":
            if rng.random() < 0.3:
                answers[finding] = rng.sample(NUTRIENTS, rng.randrange(len(NUTRIENTS) + 1))
        elif rng.random() < share:
            answers[finding] = True
        elif rng.random() < 0.2:
            answers[finding] = False
    return answers
