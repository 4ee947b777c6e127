"""Everyday situations in plain words, with what a careful pharmacist would want to be said.

`level` and `cautions` were written down before any of it was run. `cautions` leaves out the two that stand on a card
alone (too much vitamin D, too much vitamin B6): they rest on nothing that a person said of themselves. `brings` and
`never` are nutrients that must, or must not, come up. Where the contract gives something else than the pharmacist
wanted, what the contract gives is kept, and `surprise` explains it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

YES, NO = True, False


class Situation(NamedTuple):
    words: str
    findings: Mapping[str, object]
    level: str
    cautions: frozenset[str] = frozenset()
    brings: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    surprise: str = ""


def of(
    words: str,
    level: str,
    cautions: str = "",
    *reported: str,
    brings: str = "",
    never: str = "",
    surprise: str = "",
    **answers: object,
) -> Situation:
    """Write a situation shortly: what was reported with yes by name, any other answer as a keyword."""
    findings: dict[str, object] = dict.fromkeys(reported, YES) | answers
    return Situation(
        words, findings, level, frozenset(cautions.split()), tuple(brings.split()), tuple(never.split()), surprise
    )


PRESSING = (
    "breathless_or_chest_pain stroke_signs stiff_jaw_or_severe_spasms one_leg_swollen_warm_or_red "
    "cramp_over_10_minutes toxic_or_infected_exposure new_weakness_or_numbness muscle_twitching "
    "cramps_in_arms_chest_or_belly cramps_after_fluid_loss"
).split()
ALL_CLEAR: dict[str, Any] = dict.fromkeys(PRESSING, NO)
UNKNOWN: dict[str, Any] = dict.fromkeys(
    [*PRESSING, "muscle_cramps", "fatigue", "takes_medicines", "pregnant", "age"], "unknown"
)

SITUATIONS = [
    # emergencies
    of("Chest pain on the stairs", "emergency", "", "breathless_or_chest_pain", age=55),
    of(
        "Breathless, with a swollen calf, two days after a long flight",
        "emergency", "", "breathless_or_chest_pain", "one_leg_swollen_warm_or_red", age=44,
    ),
    of("The mouth hung down on one side for ten minutes and is well again", "emergency", "", "stroke_signs", age=68),
    of(
        "An old man on warfarin whose speech is suddenly slurred",
        "emergency", "medicines vitamin_k_and_warfarin", "stroke_signs", "takes_warfarin", age=81,
    ),
    of(
        "A gardener with a cut from last week whose jaw is stiff",
        "emergency", "", "stiff_jaw_or_severe_spasms", "toxic_or_infected_exposure", age=50,
    ),
    of("A farmer with severe spasms in the back and no wound that he knows of", "emergency", "",
       "stiff_jaw_or_severe_spasms", age=39),
    of(
        "A cramp of a quarter of an hour, and chest pain with it",
        "emergency", "", "cramp_over_10_minutes", "breathless_or_chest_pain", age=47, brings="magnesium",
    ),
    of(
        "Somebody who ticks everything",
        "emergency",
        "kidney_disease medicines pregnancy other_condition vitamin_k_and_warfarin potassium_build_up "
        "magnesium_and_conditions",
        *PRESSING, "muscle_cramps", "cramps_at_night", "takes_warfarin", "kidney_disease", "other_condition",
        "pregnant", age=40, brings="magnesium potassium vitamin_k2",
    ),
    of(
        "A toddler who drank dishwasher liquid",
        "urgent", "child", "toxic_or_infected_exposure", age=2,
        surprise="An emergency was wanted. One question covers poison and wounds, so the level is urgent for both; the "
        "text tells whoever swallowed something harmful to call the emergency number.",
    ),
    # urgent
    of("One calf swollen and warm after a long flight", "urgent", "", "one_leg_swollen_warm_or_red", age=44),
    of(
        "One leg darker than the other and sore, on brown skin",
        "urgent", "", "one_leg_swollen_warm_or_red", "muscle_aches", age=36, brings="vitamin_d",
    ),
    of("Pregnant, with one warm red leg", "urgent", "pregnancy", "one_leg_swollen_warm_or_red", "pregnant", age=33),
    of("A mother of two weeks with a swollen calf", "urgent", "", "one_leg_swollen_warm_or_red", pregnant=NO, age=29),
    of("A calf cramp of a quarter of an hour", "urgent", "", "cramp_over_10_minutes", age=47, brings="magnesium"),
    of("A dirty scratch from the allotment, and feels well", "urgent", "", "toxic_or_infected_exposure", age=63),
    of("A nine-year-old with a nail in the foot", "urgent", "child", "toxic_or_infected_exposure", age=9),
    of(
        "Stripping old lead paint for weeks, and always tired",
        "urgent", "", "toxic_or_infected_exposure", "fatigue", age=41, brings="vitamin_b12",
    ),
    of(
        "Calf cramps, and one foot that drags",
        "urgent", "", "muscle_cramps", "new_weakness_or_numbness", age=58,
    ),
    of(
        "Night cramps, and a hand that has lost feeling; says no to cramps in general",
        "urgent", "", "cramps_at_night", "new_weakness_or_numbness", muscle_cramps=NO, age=58, brings="vitamin_k2",
    ),
    of("Calf cramps and muscles that flicker all over", "urgent", "", "muscle_cramps", "muscle_twitching", age=61),
    of("Cramps in the belly and arms while roofing in the heat", "urgent", "", "cramps_in_arms_chest_or_belly", age=34),
    of(
        "Two days of vomiting, then cramps in the legs",
        "urgent", "", "cramps_after_fluid_loss", age=26, brings="magnesium potassium calcium",
    ),
    of("An athlete with cramps after a marathon in the sun", "urgent", "", "cramps_after_fluid_loss", age=29),
    of(
        "Water tablets since last week, and cramps since then",
        "urgent", "medicines potassium_build_up", "cramps_after_fluid_loss", "cramps_after_new_medicine", age=68,
        brings="potassium",
    ),
    of(
        "Dialysis, and muscles that become weaker by the week",
        "routine", "kidney_disease medicines potassium_build_up", "kidney_disease", "takes_medicines",
        "muscle_weakness", age=61, brings="potassium",
        surprise="Urgent was wanted, because weakness with failing kidneys can come from too much potassium. No source "
        "at hand makes it urgent; the caution says that potassium can build up, and to ask the kidney team.",
    ),
    of(
        "On a statin for a month, with aching thighs",
        "routine", "medicines", "takes_medicines", "muscle_aches", age=58, brings="vitamin_d", never="magnesium",
        surprise="Urgent was wanted. Which medicine it is was not asked, and aches with any medicine are no urgency; "
        "the text tells whoever is on a statin to call straight away.",
    ),
    # an appointment
    of(
        "On a statin for years, with leg cramps by day",
        "none", "medicines potassium_build_up", "takes_medicines", "muscle_cramps", age=59,
        surprise="An appointment was wanted. Cramps with any medicine would send very many people to a doctor; "
        "the advice to ask a doctor or pharmacist about the medicines comes up instead, and names statins.",
    ),
    of(
        "Leg cramps since the new cholesterol medicine",
        "routine", "medicines potassium_build_up", "cramps_after_new_medicine", age=63, brings="magnesium",
    ),
    of(
        "Calf cramps after two hundred steps, gone when standing still",
        "routine", "potassium_build_up", "cramps_when_walking", age=66,
    ),
    of(
        "Drinks a bottle of wine a night, with cramps in bed",
        "routine", "", "excessive_alcohol", "cramps_at_night", age=52, brings="vitamin_b6 vitamin_k2",
    ),
    of("Drinks a lot, with weak legs and no cramps", "routine", "", "excessive_alcohol", "muscle_weakness", age=52,
       never="vitamin_b6"),
    of("Ankles swollen in the evening, on a blood pressure medicine", "routine", "medicines", "numbness_or_swelling",
       "takes_medicines", age=74, never="potassium"),
    of("Cramps nearly every day in spite of stretching", "routine", "", "cramps_persist", age=48, brings="calcium"),
    of("Night cramps at seventy that wake her", "routine", "potassium_build_up", "cramps_at_night",
       "cramps_disturb_sleep", age=70, brings="vitamin_k2"),
    of("Pregnant, and cramps spoil her nights", "routine", "pregnancy", "cramps_disturb_sleep", "pregnant", age=30,
       never="vitamin_k2"),
    of("One thigh thinner since the plaster cast", "routine", "", "muscle_wasting", age=25, brings="vitamin_d"),
    of("Stairs have become hard", "routine", "", "muscle_weakness", age=45, brings="potassium vitamin_d vitamin_b12",
       never="magnesium"),
    of("A numb patch on the thigh, nothing else", "routine", "", "new_weakness_or_numbness", age=50, never="calcium"),
    of(
        "Diabetes and a foot that has lost feeling",
        "routine", "other_condition medicines", "new_weakness_or_numbness", "other_condition", "takes_medicines",
        age=62, never="potassium",
    ),
    of(
        "Diabetes and tingling feet",
        "none", "other_condition medicines", "tingling", "other_condition", "takes_medicines", age=62,
        brings="vitamin_b12",
        surprise="An appointment was wanted, because diabetes can harm nerves. Tingling is a symptom here and no "
        "warning sign, and no source at hand makes it one; feet that lost feeling are one.",
    ),
    of(
        "A toddler of three who wakes with leg cramps",
        "none", "child", "cramps_at_night", age=3,
        surprise="An appointment was wanted. The age brings a caution and no level; the caution says to let a doctor "
        "look for the cause first.",
    ),
    of(
        "Dialysis, and tired all the time",
        "none", "kidney_disease medicines potassium_build_up", "kidney_disease", "takes_medicines", "fatigue",
        age=61, brings="potassium vitamin_b12",
        surprise="An appointment was wanted. Tiredness is no warning sign in any source at hand; the caution sends to "
        "the kidney team, who know the person.",
    ),
    of("A weak grip, on heart medicine", "routine", "medicines other_condition potassium_build_up",
       "muscle_weakness", "takes_medicines", "other_condition", age=55, brings="potassium"),
    # nothing that cannot wait
    of("Answers don't know to everything", "none", "", **UNKNOWN),
    of("An empty form", "none"),
    of("Well, with every pressing sign answered no", "none", "", **ALL_CLEAR),
    of("Calf cramps now and then, every pressing sign answered no", "none", "", "muscle_cramps", age=40,
       brings="magnesium potassium calcium vitamin_d vitamin_b12", never="vitamin_b6 vitamin_k2", **ALL_CLEAR),
    of("Calf cramps now and then, nothing else asked", "none", "", "muscle_cramps", age=40),
    of("An eyelid that twitches in a stressful week", "none", "", "muscle_twitching", age=24, never="magnesium"),
    of("Pregnant, with calf cramps at night", "none", "pregnancy", "cramps_at_night", "pregnant", age=31,
       brings="magnesium vitamin_k2"),
    of("Pregnant and well", "none", "pregnancy", "pregnant", age=28),
    of("Pregnant and tired", "none", "pregnancy", "pregnant", "fatigue", age=34, brings="vitamin_b12"),
    of("Warfarin and no greens", "none", "medicines vitamin_k_and_warfarin", "takes_warfarin",
       "rarely_eats_leafy_greens", age=72, never="vitamin_k2"),
    of("Warfarin and night cramps at seventy-eight", "none", "medicines vitamin_k_and_warfarin potassium_build_up",
       "takes_warfarin", "cramps_at_night", age=78, brings="vitamin_k2"),
    of("A vegan with tingling hands", "none", "", "tingling", "rarely_eats_meat_or_fish", "rarely_eats_dairy", age=27,
       brings="vitamin_b12", never="calcium"),
    of("A vegan who is well", "none", "", "rarely_eats_meat_or_fish", "rarely_eats_dairy", "rarely_eats_oily_fish",
       age=27, never="vitamin_b12"),
    of("Night cramps at sixty-four", "none", "", "cramps_at_night", age=64, brings="vitamin_k2"),
    of("Night cramps at sixty-five", "none", "potassium_build_up", "cramps_at_night", age=65, brings="vitamin_k2"),
    of("Sixty-six, with dry skin", "none", "", "dry_skin", age=66, brings="calcium", never="potassium"),
    of("Sixty-six and tired", "none", "potassium_build_up", "fatigue", age=66, brings="potassium"),
    of("A dancer of fifteen with calf cramps who drinks little", "none", "child", "muscle_cramps", "dehydration",
       age=15, brings="magnesium"),
    of("Seventeen, with brittle nails", "none", "child", "brittle_nails", age=17, brings="calcium"),
    of("Eighteen, with brittle nails", "none", "", "brittle_nails", age=18, brings="calcium"),
    of("A healthy baby", "none", "child", age=0),
    of("Tight shoulders at the desk", "none", "", "muscle_tension", "inactivity", age=35, brings="magnesium",
       never="calcium potassium"),
    of("Irritable bowel and tight shoulders", "none", "other_condition magnesium_and_conditions", "muscle_tension",
       "other_condition", age=35, brings="magnesium"),
    of("A lorry driver with cramps and no exercise", "none", "", "muscle_cramps", "inactivity", age=46),
    of("Night shifts, no fish, no milk, aching muscles", "none", "", "muscle_aches", "low_sunlight",
       "rarely_eats_oily_fish", "rarely_eats_dairy", age=32, brings="vitamin_d", never="calcium"),
    of("Lives on toast, with calf cramps", "none", "", "muscle_cramps", "poor_diet", age=22, brings="vitamin_b6"),
    of("Lives on toast, without complaints", "none", "", "poor_diet", age=22, never="vitamin_b6"),
    of("Drinks a lot, without complaints", "none", "", "excessive_alcohol", age=50, never="vitamin_b6"),
    of("Forgets to drink", "none", "", "dehydration", age=77, never="potassium"),
    of("Low vitamin D in a blood test", "none", "", age=38, confirmed_deficiency=["vitamin_d"], brings="vitamin_d",
       never="calcium"),
    of("Low potassium in a blood test, on a water tablet", "none", "medicines potassium_build_up", "takes_medicines",
       age=57, confirmed_deficiency=["potassium"], brings="potassium"),
    of("Low magnesium in a blood test, with heart disease", "none", "other_condition magnesium_and_conditions",
       "other_condition", age=57, confirmed_deficiency=["magnesium"], brings="magnesium"),
    of("Low vitamin B6 in a blood test", "none", "", age=57, confirmed_deficiency=["vitamin_b6"], brings="vitamin_b6"),
    of("On a statin and well", "none", "medicines", "takes_medicines", age=60, never="potassium"),
    of(
        "A hay fever medicine, and tired",
        "none", "medicines potassium_build_up", "takes_medicines", "fatigue", age=40, brings="potassium",
        surprise="The potassium caution was not wanted. Which medicine it is was not asked, so any counts; that is too "
        "much rather than too little.",
    ),
    of("Heart failure, several medicines, night cramps at eighty", "none",
       "medicines other_condition potassium_build_up magnesium_and_conditions", "cramps_at_night", "other_condition",
       "takes_medicines", age=80, brings="vitamin_k2"),
    of("Kidneys that the doctor watches, and well", "none", "kidney_disease", "kidney_disease", age=69,
       never="potassium"),
    of("An underactive thyroid, thyroid medicine, calf cramps", "none",
       "medicines other_condition potassium_build_up magnesium_and_conditions", "muscle_cramps", "other_condition",
       "takes_medicines", age=45),
    of("No eggs, cheese or sauerkraut, and well", "none", "", "rarely_eats_fermented_foods_eggs_cheese", age=30,
       never="vitamin_k2"),
]  # fmt: skip
