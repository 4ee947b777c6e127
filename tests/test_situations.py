"""What a careful pharmacist would want in everyday situations, written down before the rules were run on them."""

from __future__ import annotations

import oracle
import pytest
from situations import SITUATIONS, Situation

import advisor


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.words)
def test_the_advice_is_what_a_careful_pharmacist_would_want(situation: Situation, advising: advisor.Advisor) -> None:
    advice = advising.advise(situation.findings)
    assert advice.care.level == situation.level
    assert {caution.id for caution in advice.cautions} - oracle.CARD_ONLY == set(situation.cautions)
    came_up = {nutrient.id for nutrient in advice.nutrients}
    assert came_up >= set(situation.brings)
    assert not came_up & set(situation.never)


def test_there_are_at_least_sixty_situations_each_with_words_of_its_own() -> None:
    assert len({situation.words for situation in SITUATIONS}) == len(SITUATIONS) >= 60
