"""What a person reads of the advice: the same in every form, in one order, and nothing that delays or misleads."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import oracle
import pytest
from builders import ROOT, with_parts
from command import Run
from msgspec.structs import replace
from rich.cells import cell_len
from situations import SITUATIONS
from sizes import rounds

import advisor
from advisor.model.knowledge import Knowledge
from advisor.render.advice_view import AdviceView, advice_view
from advisor.render.layout import letters

FORMS = ["text", "markdown", "html"]
PRESSING_NO = dict.fromkeys(oracle.PRESSING, False)
# A person with something in every section: cramps at night follow from nothing, muscle cramps from those
FULL: dict[str, Any] = {"cramps_at_night": True, "kidney_disease": True, "cramps_persist": True, "dry_skin": False}
URGENT: dict[str, Any] = {**FULL, "one_leg_swollen_warm_or_red": True}
EMERGENCY: dict[str, Any] = {**URGENT, "stroke_signs": True}

Shown = Callable[..., str]


@pytest.fixture
def shown(run: Run) -> Shown:
    """What a form shows of some findings, without its line breaks, its tags and its escapes."""

    def show(findings: Any, form: str = "text", columns: int = 80) -> str:
        content = json.dumps({"case": "c", "findings": findings}).encode()
        done = run("advise", "-", "--format", form, stdin=content, env={"COLUMNS": str(columns)})
        assert done.returncode == 0, done.stderr
        return plain(done.stdout.decode(), form)

    return show


def plain(text: str, form: str) -> str:
    """The words of a result, whatever it is written in."""
    if form == "html":
        text = re.sub("<(style|title)>.*?</\\1>|<[^>]*>", " ", text, flags=re.DOTALL)
        for entity, character in (("&#39;", "'"), ("&#34;", '"'), ("&amp;", "&")):
            text = text.replace(entity, character)
    if form == "markdown":
        text = re.sub(r"\\(.)", r"\1", text).replace("*", "")
    return re.sub(r" ([,:;.)])", r"\1", " ".join(text.split())).replace("( ", "(")


def in_order(text: str, parts: Iterable[str]) -> bool:
    places = [text.lower().index(part.lower()) for part in parts]
    return places == sorted(places)


def view(advising: advisor.Advisor, findings: Any) -> AdviceView:
    return advice_view(advising.evaluate(findings))


# --- one order


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("findings", "care", "wait", "later"),
    [
        (FULL, "Make an appointment with a doctor", "", ""),
        (URGENT, "Get medical help urgently", ": this can wait until you have been seen", " later, once you have been"),
        (EMERGENCY, "Get emergency help now", ": this can wait until you have been seen", " later, once you have been"),
    ],
    ids=["routine", "urgent", "emergency"],
)
def test_every_form_has_the_same_order(
    form: str, findings: Any, care: str, wait: str, later: str, shown: Shown, knowledge: Knowledge
) -> None:
    order = [
        care,
        "What was reported",
        "Be careful",
        f"Possible nutrients to discuss with a doctor{wait}",
        "What points to which nutrient",
        "Magnesium (",  # its card
        f"Everyday things that may help{later}",
        "Please remember",
        *(disclaimer.text for disclaimer in knowledge.disclaimers),
        "Where this comes from",
    ]
    assert in_order(shown(findings, form), order)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("findings", [{}, PRESSING_NO, FULL, EMERGENCY], ids=["nothing", "no", "routine", "emergency"])
def test_all_five_disclaimers_stand_in_every_form(form: str, findings: Any, shown: Shown, knowledge: Knowledge) -> None:
    text = shown(findings, form)
    assert len(knowledge.disclaimers) == 5
    assert all(disclaimer.text in text for disclaimer in knowledge.disclaimers)
    assert "Only the seven nutrients of one article on leg cramps are considered here." in text


# --- care


def test_there_is_an_all_clear_only_where_every_pressing_sign_was_answered_no(advising: advisor.Advisor) -> None:
    assert view(advising, PRESSING_NO).care.heading == "No warning sign among your answers"
    for sign in oracle.PRESSING:
        for other in ("unknown", True):
            care = view(advising, {**PRESSING_NO, sign: other}).care
            assert care.heading != "No warning sign among your answers", (sign, other)


def test_a_yes_that_no_rule_answers_is_no_all_clear(advising: advisor.Advisor) -> None:
    care = view(advising, {**PRESSING_NO, "muscle_twitching": True}).care  # alone it is no reason to see a doctor
    assert (care.level, care.heading) == ("none", "This is not an all-clear")
    assert [(signs.heading, signs.line) for signs in care.signs] == [("Answered yes", "twitching muscles")]


@pytest.mark.parametrize("form", FORMS)
def test_what_was_not_answered_is_named_before_anything_is_said_of_it(form: str, shown: Shown) -> None:
    rest = {name: answer for name, answer in PRESSING_NO.items() if name not in ("stroke_signs", "muscle_twitching")}
    text = shown(rest, form)
    unanswered = "Not answered: fallen face, sudden weakness or numbness on one side, slurred speech; twitching muscles"
    order = ("This is not an all-clear", unanswered, "Not every warning sign was answered with no.")
    assert in_order(text, (*order, "Get help at once if", "your face has fallen on one side", "What was reported"))
    assert "No warning sign among your answers" not in text


@pytest.mark.parametrize("form", FORMS)
def test_without_a_pressing_reason_the_signs_that_call_for_help_at_once_are_listed(
    form: str, shown: Shown, advising: advisor.Advisor
) -> None:
    for findings in ({}, PRESSING_NO, FULL):
        text = shown(findings, form)
        signs = [f"{item.sign}" for item in advising.advise(findings).care.watch_for]
        assert len(signs) == len(oracle.LEVELS)
        assert in_order(text, ("Get help at once if", *signs, "What was reported"))
        assert "or have pain in the chest (an emergency)" in text
        assert "red or darker (an emergency)" not in text


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("findings", [URGENT, EMERGENCY], ids=["urgent", "emergency"])
def test_under_a_pressing_heading_lesser_matters_are_only_named(
    form: str, findings: Any, shown: Shown, advising: advisor.Advisor, knowledge: Knowledge
) -> None:
    text, care = shown(findings, form), advising.advise(findings).care
    worse = [sign.sign for sign in care.watch_for if sign.level == "emergency"] if care.level == "urgent" else []
    assert ("Get help at once if" in text) == bool(worse)  # what is more pressing still
    assert [sign.sign for sign in care.watch_for if sign.sign in text] == worse
    head = text[: text.index("What was reported")]
    labels = {item.id: item.label for item in knowledge.care}
    lesser = [item for item in care.items if item.level != care.level]
    assert lesser
    assert in_order(head, ("Tell them about this too", *(labels[item.id] for item in lesser)))
    assert not [item.id for item in lesser if item.text in text]  # nor further down, among the reasons
    assert all(item.text in head for item in care.items if item.level == care.level)


@pytest.mark.parametrize("form", FORMS)
def test_under_an_emergency_no_section_is_empty(form: str, shown: Shown) -> None:
    text = shown({"breathless_or_chest_pain": True}, form)
    for heading in ("Possible nutrients", "Be careful", "Everyday things", "Tell them about this too", "Answered no"):
        assert heading not in text
    assert "None" not in text
    assert "points to none" in shown({"poor_diet": True}, form)  # which is worth saying where nothing presses


# --- what was reported


@pytest.mark.parametrize("form", FORMS)
def test_what_follows_from_the_answers_is_told_apart_from_what_was_answered(form: str, shown: Shown) -> None:
    text = shown({"cramps_after_new_medicine": True, "age": 0, "tingling": False, "muscle_cramps": False}, form)
    reported = text[text.index("What was reported") : text.index("Be careful")]
    order = (
        "Reported: age 0; cramps that began with a new medicine",
        "Follows from your answers: muscle cramps (the answer was no); regular or new medicines",
        "Answered no: tingling",
    )
    assert in_order(reported, order)
    assert reported.count("muscle cramps") == 1


@pytest.mark.parametrize("form", FORMS)
def test_no_sentence_of_ours_supposes_cramps_that_were_not_reported(form: str, shown: Shown) -> None:
    text = shown({"fatigue": True, "confirmed_deficiency": ["vitamin_d", "magnesium"]}, form)
    assert "Reported: unusual tiredness; confirmed low magnesium and vitamin D" in text
    assert "Follows from your answers" not in text
    assert "Muscle cramps" not in text


# --- be careful


def test_a_caution_about_a_nutrient_stands_under_be_careful_and_first_on_its_card(advising: advisor.Advisor) -> None:
    made = view(advising, FULL)
    assert [item.id for item in made.cautions] == ["kidney_disease", "potassium_build_up", "magnesium_and_conditions"]
    on_cards = {card.id: [(item.id, item.first) for item in card.cautions] for card in made.nutrients}
    assert on_cards["potassium"] == [("potassium_build_up", False)]
    assert on_cards["magnesium"] == [("magnesium_and_conditions", False)]
    assert on_cards["vitamin_d"] == [("vitamin_d_too_much", True)]  # which stands nowhere else
    assert on_cards["calcium"] == []


def test_a_caution_about_a_nutrient_that_did_not_come_up_is_not_lost(advising: advisor.Advisor) -> None:
    made = view(advising, {"takes_warfarin": True, "rarely_eats_leafy_greens": True})
    assert [item.id for item in made.cautions] == ["medicines", "vitamin_k_and_warfarin"]
    assert not made.nutrients


def test_a_caution_for_cards_alone_stands_under_be_careful_where_there_is_no_such_card(knowledge: Knowledge) -> None:
    cautions = tuple(replace(item, card_only=bool(item.about)) for item in knowledge.cautions)
    spoilt = advisor.Advisor(with_parts(knowledge, cautions=cautions))
    assert [item.id for item in view(spoilt, ["takes_warfarin"]).cautions] == ["medicines", "vitamin_k_and_warfarin"]
    assert [item.id for item in view(spoilt, ["takes_warfarin", "cramps_at_night"]).cautions] == ["medicines"]


@pytest.mark.parametrize("form", FORMS)
def test_on_a_card_the_cautions_come_before_what_speaks_for_the_nutrient(form: str, shown: Shown) -> None:
    text = shown(FULL, form)
    card = text[text.index("Potassium (") : text.index("Calcium (")]
    order = ("Careful: Too much potassium can build up", "Why", "Low potassium can disturb", "Evidence", "In food")
    assert in_order(card, (*order, "Ask your doctor"))


# --- nutrients


def test_equals_share_a_place_and_are_shown_as_equals(advising: advisor.Advisor) -> None:
    made = view(advising, {"muscle_cramps": True, "fatigue": True})
    places = {"Potassium": "1 =", "Vitamin B12": "1 =", "Magnesium": "3 =", "Calcium": "3 =", "Vitamin D": "3 ="}
    assert {card.name: card.place for card in made.nutrients} == places
    assert {row.name: row.place for row in made.overview.rows} == places
    assert [card.place for card in view(advising, {"tingling": True, "fatigue": True}).nutrients] == ["1", "2"]


@pytest.mark.parametrize("form", FORMS)
def test_what_the_order_means_is_said_once_and_that_it_is_not_how_likely(form: str, shown: Shown) -> None:
    text = shown({"muscle_cramps": True}, form)
    meaning = "Listed by how many of the things you reported point to each. An equals sign marks a shared place."
    assert text.count(f"{meaning} This does not say how likely any of them is to be the cause.") == 1
    assert "An equals sign" not in shown({"tingling": True, "fatigue": True}, form)


def test_the_table_marks_exactly_what_the_advice_counts(advising: advisor.Advisor, knowledge: Knowledge) -> None:
    findings = {"cramps_at_night": True, "fatigue": True, "age": 70, "confirmed_deficiency": ["calcium"]}
    made, advice = view(advising, findings).overview, advising.advise(findings)
    assert made.findings == ("Muscle cramps", "Cramps at night", "Unusual tiredness", "Age 70", "Confirmed low calcium")
    for row, nutrient in zip(made.rows, advice.nutrients, strict=True):
        assert row.name == nutrient.name
        assert sum(row.marks) == nutrient.support
    status = {status.id: status.label for status in knowledge.evidence_statuses}
    assert [row.evidence for row in made.rows] == [status[nutrient.evidence.status] for nutrient in advice.nutrients]
    assert all(len(label.split()) in (2, 3) for label in status.values())


def everything(knowledge: Knowledge) -> dict[str, Any]:
    """Everything that can be reported and points to a nutrient, with no pressing sign."""
    yes = {finding.id: True for finding in knowledge.findings if finding.kind == "yes_no"}
    return {**yes, **PRESSING_NO, "age": 80, "confirmed_deficiency": list(knowledge.nutrient)}


@pytest.mark.parametrize("columns", [24, 40, 80, 120])
def test_the_table_fits_the_terminal_and_says_the_same_at_any_width(
    columns: int, run: Run, advising: advisor.Advisor, knowledge: Knowledge
) -> None:
    for findings in (FULL, {"fatigue": True}, everything(knowledge)):
        content = json.dumps({"findings": findings}).encode()
        text = run("advise", "-", stdin=content, env={"COLUMNS": str(columns)}).stdout.decode()
        assert all(cell_len(line) <= columns for line in text.splitlines())
        words = " ".join(text.split())
        made = view(advising, findings).overview
        signs = letters(len(made.findings))
        for sign, finding in zip(signs, made.findings, strict=True):
            assert f"{sign} {finding}" in words
        for row in made.rows:
            marks = " ".join(sign for sign, mark in zip(signs, row.marks, strict=True) if mark)
            assert f"{row.place} {row.name} {marks} evidence: {row.evidence}" in words


def test_in_an_ordinary_case_each_nutrient_takes_one_line_of_80_columns_and_two_of_40(run: Run) -> None:
    content = json.dumps(
        {"findings": ["cramps_at_night", "fatigue", "dehydration", "rarely_eats_leafy_greens"]}
    ).encode()
    lines = run("advise", "-", stdin=content, env={"COLUMNS": "80"}).stdout.decode().splitlines()
    assert "1 = Magnesium    a b   d  evidence: mixed results" in lines
    narrow = run("advise", "-", stdin=content, env={"COLUMNS": "40"}).stdout.decode().splitlines()
    place = narrow.index("1 = Magnesium    a b   d")
    assert narrow[place + 1] == "    evidence: mixed results"


def test_where_a_nutrient_and_its_marks_fit_no_line_they_stand_below_each_other(run: Run, knowledge: Knowledge) -> None:
    content = json.dumps({"findings": everything(knowledge)}).encode()
    for columns in (40, 60, 63):
        lines = run("advise", "-", stdin=content, env={"COLUMNS": str(columns)}).stdout.decode().splitlines()
        place = lines.index("1   Calcium")
        assert lines[place + 1 : place + 3] == ["    a j k n o p s t x", "    evidence: no study named"]


def test_letters_do_not_run_out() -> None:
    assert letters(30)[:3] + letters(30)[25:28] == ["a", "b", "c", "z", "aa", "ab"]
    assert len(set(letters(1000))) == 1000


@pytest.mark.parametrize("form", FORMS)
def test_our_reading_is_explained_once_where_it_is_marked(form: str, shown: Shown) -> None:
    text = shown({"muscle_cramps": True, "dehydration": True}, form)
    assert in_order(text, ("“Our reading” marks what no source says in so many words", "(our reading)"))
    assert text.count("“Our reading” marks") == 1
    unmarked = shown({"tingling": True, "numbness_or_swelling": False}, form)
    assert "our reading" not in unmarked.lower()


# --- what may help


@pytest.mark.parametrize("form", FORMS)
def test_what_the_article_calls_most_effective_leads_what_may_help(form: str, shown: Shown) -> None:
    text = shown({"cramps_at_night": True, "inactivity": True}, form)
    leading = ("Eat a varied, balanced diet", "Drink enough through the day", "Stretch gently before and after")
    rest = ("During a cramp", "Stretch your calves", "Move regularly")
    assert in_order(text[text.index("Everyday things that may help") :], (*leading, *rest))


# --- words


def test_results_are_as_easy_to_read_as_a_patient_leaflet(run: Run, tmp_path: Path) -> None:
    """Measured by the script that measures the knowledge: grade 8 on average, and nothing above 12."""
    results = []
    for number, situation in enumerate(SITUATIONS[:: rounds(1, 8)]):
        results.append(tmp_path / f"{number}.txt")
        content = json.dumps({"case": "me", "findings": situation.findings}).encode()
        results[-1].write_bytes(run("advise", "-", "--trace", stdin=content).stdout)
    script = ROOT / "benchmarks" / "reading_grade.py"
    measured = subprocess.run([sys.executable, script, *results], capture_output=True, text=True)
    assert measured.returncode == 0, measured.stdout


# --- sources


@pytest.mark.parametrize("form", FORMS)
def test_every_source_of_what_is_shown_stands_at_the_end_with_its_full_address(
    form: str, shown: Shown, advising: advisor.Advisor, knowledge: Knowledge
) -> None:
    """What is shown is gathered here from the knowledge, by what stands in the advice."""
    for findings in (FULL, EMERGENCY, {}):
        advice = advising.advise(findings)
        pressing = advice.care.level in ("emergency", "urgent")
        ids = {item.id for item in advice.care.items}
        ids |= set() if pressing else {item.id for item in advice.care.watch_for}
        ids |= {item.id for item in (*advice.advice, *advice.cautions)}
        passages = {name for item in knowledge.care if item.id in ids for name in item.source}
        guidance = (*knowledge.advice, *knowledge.cautions)
        passages |= {name for item in guidance if item.id in ids for name in item.source}
        passages |= {name for item in knowledge.disclaimers for name in item.source}
        passages |= {name for step in advice.trace for name in step.source}
        for nutrient in advice.nutrients:
            passages |= {*knowledge.nutrient[nutrient.id].source, *knowledge.nutrient[nutrient.id].evidence.source}
        expected = [source for source in knowledge.sources if passages & {passage.id for passage in source.passages}]
        text = shown(findings, form, columns=120)
        end = text[text.rindex("Where this comes from") :]
        assert in_order(end, (f"{source.title} – {source.publisher}" for source in expected))
        joined = end.replace(" ", "")  # a terminal breaks a long address
        for source in knowledge.sources:
            said = (
                f"{source.title} – {source.publisher}{f', {source.date}' if source.date else ''}. Read: {source.read}."
            )
            assert (said in end) == (source in expected), source.id
            if source in expected:
                assert (source.address or "") in joined


def test_a_source_of_which_little_is_known_is_named_all_the_same(knowledge: Knowledge) -> None:
    sources = tuple(replace(source, address=None, date=None, read=None) for source in knowledge.sources)
    made = advice_view(advisor.Advisor(with_parts(knowledge, sources=sources)).evaluate({"fatigue": True}))
    assert [source.text for source in made.sources[:2]] == [
        "Essential Vitamins and Minerals for Muscle Function – a general health article whose publisher is not named.",
        "Quick Facts: Muscle Cramps – Merck Manual, Consumer Version.",
    ]
