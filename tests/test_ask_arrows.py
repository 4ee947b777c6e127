"""`nutrient-advisor ask` on a terminal, with answers chosen by arrow keys."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from dialogue import saved
from screen import BACKSPACE, DOWN, END, ENTER, SPACE, UP, Screen

ASKED = "q stop"  # the last words of every question: it is drawn, and waits for a key
HELP_FIRST = "Please get help first. Continue anyway?"


def to_muscles(*arguments: str | Path, **options: int) -> Screen:
    """Someone without a pressing sign, at the second question."""
    screen = Screen(*arguments, **options)  # type: ignore[arg-type]
    screen.shows("apply to you, now or recently?", ASKED).press(UP, UP).shows("> [ ] None of these").press(ENTER)
    return screen.shows("in your muscles?", ASKED)


def to_age(folder: Path) -> Screen:
    """Someone without complaints, at the question about the age."""
    screen = to_muscles("--save", folder / "me.yaml")
    screen.press(UP, UP, ENTER).shows("have any of these?", ASKED).press(UP, UP, ENTER)
    screen.shows("your habits?", ASKED).press(UP, UP, ENTER).shows("apply to you?", ASKED).press(UP, UP, ENTER)
    return screen.shows("How old are you", ASKED)


def test_a_person_chooses_answers_and_reads_the_advice(tmp_path: Path) -> None:
    screen = to_muscles("--save", tmp_path / "me.yaml")
    screen.press(SPACE, DOWN, DOWN, SPACE).shows("[x] Muscle cramps", "> [x] Tense muscles at rest").press(ENTER)
    screen.shows("of your cramps?", ASKED).press(SPACE).shows("[x] Cramps at night").press(ENTER)
    screen.shows("have any of these?", ASKED).press("d")
    screen.shows("your habits?", ASKED).press(UP, UP, ENTER)
    screen.shows("apply to you?", ASKED).press(DOWN, DOWN, DOWN, SPACE).shows("[x] Warfarin").press(ENTER)
    screen.shows("How old are you", ASKED).press("7", "0", ENTER)
    screen.shows("confirmed that you are low", ASKED).press(END).shows("> [ ] Don't know").press(ENTER)
    screen.shows("what you eat?", ASKED).press(UP, UP, ENTER)
    screen.shows("Your answers", "> Show the result", "Age: 70", ASKED).press(ENTER)
    code, output = screen.end()
    assert code == 0
    for question, answer in (("in your muscles?", "Tense muscles at rest"), ("How old are you", "70")):
        assert re.search(f"{re.escape(question)}.*\r\n( - .*\r\n)* - {answer}", output), question
    read = " ".join(output.split())
    assert "Vitamin K can interfere with warfarin" in read
    assert "This is general information. It is not medical advice" in read
    assert saved(tmp_path / "me.yaml")["cramps_disturb_sleep"] is False
    assert saved(tmp_path / "me.yaml")["fatigue"] == "unknown"
    assert saved(tmp_path / "me.yaml")["age"] == 70


def test_the_cursor_of_the_terminal_stands_on_the_row_that_a_key_acts_on() -> None:
    screen = to_muscles()
    assert screen.at.startswith("> [ ] Muscle cramps")
    screen.press(DOWN).shows("> [ ] Muscles that stay tight")
    assert screen.at.startswith("> [ ] Muscles that stay tight")
    screen.press("q").end()


def test_enter_denies_nothing_before_something_is_ticked() -> None:
    screen = Screen()
    screen.shows("apply to you, now or recently?", ASKED).press(ENTER)
    screen.shows("Nothing is ticked yet. Press space to tick a line.", "apply to you, now or recently?").press(DOWN)
    screen.shows_no("Nothing is ticked yet").press("q")
    assert screen.end()[0] == 0


def test_what_is_not_chosen_counts_as_the_question_says() -> None:
    screen = Screen()
    screen.shows("If you choose one or more, the others count as not answered", ASKED).press(UP, UP, ENTER)
    screen.shows("What you do not choose counts as no", ASKED).press("q")
    assert screen.end()[0] == 0


def test_help_and_why_are_shown_and_what_was_ticked_stays() -> None:
    screen = to_muscles(rows=70)
    screen.press(SPACE, DOWN).shows("[x] Muscle cramps", "> [ ] Muscles that stay tight").press("?")
    screen.shows("After a movement or a cramp, the muscle stays hard", "[x] Muscle cramps", ASKED)
    assert "A dull pain" not in screen.text  # the meaning of another line
    screen.press("w").shows("Why we ask.", "Everyday steps:", "[x] Muscle cramps", ASKED).press(ENTER)
    screen.shows("of your cramps?", ASKED).press("q")
    assert screen.end()[0] == 0


def test_going_back_asks_again() -> None:
    screen = Screen()
    screen.shows("apply to you, now or recently?", ASKED).press("b")
    screen.shows("There is nothing to go back to.", "apply to you, now or recently?", ASKED).press(UP, UP, ENTER)
    screen.shows("in your muscles?", ASKED).press("B")
    screen.shows_no("in your muscles?").shows("> [ ] Breathlessness or chest pain", ASKED).press("Q")
    assert screen.end()[0] == 0


def test_a_pressing_sign_is_answered_at_once_and_help_comes_first() -> None:
    screen = Screen()
    screen.shows("apply to you, now or recently?", ASKED).press(DOWN, SPACE).shows("[x] Fallen face").press(ENTER)
    screen.shows("GET EMERGENCY HELP NOW", "Call your local emergency number now.", "can be a stroke")
    screen.shows(f"{HELP_FIRST} Yes > No", ASKED)  # Enter, pressed once more in haste, does not dismiss it
    screen.press("y").shows("in your muscles?", ASKED).press("b")
    screen.shows("> [ ] Breathlessness or chest pain", ASKED).press(SPACE, ENTER)
    screen.shows(f"{HELP_FIRST} Yes > No", ASKED).press(ENTER)
    code, output = screen.end()
    assert code == 0
    assert output.count("GET EMERGENCY HELP NOW") == 3  # the third in the result


def test_a_notice_may_be_gone_back_from() -> None:
    screen = Screen()
    screen.shows("apply to you, now or recently?", ASKED).press(SPACE, ENTER).shows(HELP_FIRST, ASKED).press("b")
    screen.shows_no(HELP_FIRST + " Yes").shows("> [ ] Breathlessness", ASKED).press("q")
    assert screen.end()[0] == 0


def test_yes_and_no_are_rows_and_letters_and_enter_alone_says_dont_know(tmp_path: Path) -> None:
    screen = Screen("--one-by-one", "--save", tmp_path / "me.yaml")
    screen.shows("short of breath", "> Don't know", ASKED).press(ENTER)
    screen.shows("Has your face fallen", "> Don't know", ASKED).press(UP).shows("> No").press(SPACE)
    screen.shows("Is your jaw stiff", "> Don't know", ASKED).press("n")
    screen.shows("Is one leg swollen", ASKED).press("y").shows("GET MEDICAL HELP URGENTLY", HELP_FIRST, ASKED).press(
        "q"
    )
    assert screen.end()[0] == 0
    assert saved(tmp_path / "me.yaml") == {
        "breathless_or_chest_pain": "unknown",
        "stroke_signs": False,
        "stiff_jaw_or_severe_spasms": False,
        "one_leg_swollen_warm_or_red": True,
    }


def test_a_number_is_typed_and_can_be_corrected(tmp_path: Path) -> None:
    screen = to_age(tmp_path)
    screen.press("x", "7", "0", "5", ENTER).shows("Please type a number from 0 to 120").press(BACKSPACE, BACKSPACE, "3")
    screen.shows("> 73").press("?").shows("one study was done with people of 65", ASKED).press(ENTER)
    screen.shows("confirmed that you are low", ASKED).press("q")
    assert screen.end()[0] == 0
    assert saved(tmp_path / "me.yaml")["age"] == 73


def test_any_answer_is_changed_from_the_review(tmp_path: Path) -> None:
    screen = to_age(tmp_path)
    screen.press("4", "0", ENTER).shows("confirmed that you are low", ASKED).press(UP, UP, ENTER)
    screen.shows("Choose a line to change that answer.", "> Show the result Age: 40 Everything else: no (", ASKED)
    screen.press(DOWN, ENTER).shows("How old are you", ASKED).press("4", "1", ENTER)
    screen.shows("> Show the result Age: 41", ASKED).press(UP).shows("> Everything else: no").press(ENTER)
    screen.shows("What you answered with no", "> Go back to all your answers", "Muscle cramps: no", ASKED)
    screen.press("b").shows("> Show the result Age: 41", ASKED).press(UP, ENTER)
    screen.shows("What you answered with no", ASKED).press(DOWN, ENTER).shows("Do you get muscle cramps?", ASKED)
    screen.press("y").shows("of your cramps?", ASKED).press("q")
    assert screen.end()[0] == 0
    assert saved(tmp_path / "me.yaml")["muscle_cramps"] is True


def test_a_narrow_and_low_terminal_scrolls_the_rows_alone() -> None:
    screen = Screen(rows=16, columns=24)
    screen.shows("Do any of these apply to you, now or recently?", "> [ ] Breathlessness or chest pain", ASKED)
    for label in ("Fallen face, sudden weakness", "A stiff jaw, or severe", "One leg swollen, warm,"):
        screen.press(DOWN).shows("Do any of these apply to you, now or recently?", f"> [ ] {label}", ASKED)
    screen.press(END).shows("Do any of these apply to you, now or recently?", "> [ ] Don't know", ASKED)
    screen.press(UP, ENTER).shows("in your muscles?", "> [ ] Muscle cramps", ASKED).press("q")
    assert screen.end()[0] == 0


@pytest.mark.parametrize(("rows", "columns"), [(12, 30), (50, 120), (9, 24)])
def test_a_terminal_that_changes_its_size_shows_the_same_question(rows: int, columns: int) -> None:
    screen = to_muscles()
    screen.press(DOWN, SPACE).shows("> [x] Muscles that stay tight")
    screen.resize(rows, columns)
    screen.press(DOWN).shows("> [ ] Tense muscles").press(UP).shows("> [x] Muscles that stay")
    screen.press(ENTER).shows("have any of these?").press("q")
    assert screen.end()[0] == 0


def test_keys_typed_ahead_are_not_lost() -> None:
    screen = Screen()
    screen.shows("apply to you, now or recently?", ASKED).press(UP + UP + ENTER + SPACE + ENTER)
    screen.shows("of your cramps?", ASKED).press("q")
    assert screen.end()[0] == 0


def test_no_color_is_respected() -> None:
    for env, coloured in (({"NO_COLOR": "1"}, False), ({}, True)):
        screen = Screen(env=env)
        screen.shows("apply to you, now or recently?", ASKED).press(SPACE, ENTER).shows(
            "GET EMERGENCY HELP NOW", ASKED
        ).press("q")
        screen.end()
        assert bool(re.search(r"\x1b\[[0-9;]*(3[0-8]|4[0-8]|9[0-7])[0-9;]*m", screen.written)) == coloured


@pytest.mark.parametrize("how", ["--plain", "TERM=dumb", "TERM="])
def test_answers_are_typed_where_that_is_wanted_or_the_terminal_cannot_draw(how: str) -> None:
    arguments = [how] if how.startswith("--") else []
    env = {"TERM": how.removeprefix("TERM=")} if how.startswith("TERM=") else {}
    screen = Screen(*arguments, env=env)
    screen.shows("numbers (0: none):").press("0\n").shows("in your muscles?", "numbers (0: none):").press("q\n")
    assert screen.end()[0] == 0
    assert not re.search(r"\x1b\[[0-9;?]*[A-HJKlh]", screen.written), "the cursor was moved"


def test_where_the_advice_goes_to_a_file_the_questions_are_drawn_all_the_same(tmp_path: Path) -> None:
    """Standard output is for whatever reads the advice, the terminal for the person."""
    screen = Screen("--format", "json", output=tmp_path / "x.json")
    screen.shows("apply to you, now or recently?", "> [ ] Breathlessness", ASKED).press(SPACE, ENTER)
    screen.shows(HELP_FIRST, "> No", ASKED).press(ENTER)
    assert screen.end()[0] == 0
    advice = json.loads((tmp_path / "x.json").read_text("utf-8"))
    assert advice["care"]["level"] == "emergency"
