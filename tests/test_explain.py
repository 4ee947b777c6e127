"""Explanations are faithful: what they name is what led to the result, or would."""

from __future__ import annotations

import itertools
import json
import random
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import oracle
import pytest
from builders import (
    ROOT,
    AdvisorError,
    Proof,
    Why,
    WhyNot,
    answered,
    concludes,
    conclusions,
    firings,
    leaves,
    loose_ends,
    premises,
    proved,
    rationale,
    reasoning,
    reported,
    reporting,
    rule,
    shown_by,
    slices,
    standing,
    texts,
    verb,
    what_if,
    why,
    why_not,
    with_rules,
)
from builders import (
    answers as unchecked,
)
from command import Run
from sizes import rounds

import advisor
from advisor.model.answers import Answers
from advisor.model.knowledge import Knowledge, Rule
from advisor.reasoning import support_sets

CLAUSES = oracle.contract()
NOTHING = unchecked({})
KINDS = {"suggested": "suggest", "advice": "advise", "caution": "caution", "care": "refer"}


def holds(answers: dict[str, Any], conclusion: str) -> bool:
    """What the naive evaluator says; it knows nothing of the package."""
    kind, _, name = conclusion.partition(":")
    return name in oracle.evaluate(CLAUSES, answers).concluded(KINDS[kind])


def plain(answers: Answers) -> dict[str, Any]:
    return {name: list(a) if isinstance(a, tuple) else a for name, a in answers.given.items()}


def just(knowledge: Knowledge, facts: Iterable[str]) -> dict[str, Any]:
    """The answers that report these facts and nothing else."""
    return plain(reporting(knowledge, NOTHING, facts))


def parts(proof: Proof) -> Iterator[Proof]:
    yield proof
    for inner in premises(proof):
        yield from parts(inner)


def test_everything_the_contract_concludes_can_be_explained(knowledge: Knowledge) -> None:
    concluded = {f"{kind}:{c.target}" for c in CLAUSES for kind, verb in KINDS.items() if c.verb == verb}
    assert set(conclusions(knowledge)) == concluded


def has_several_grounds(proof: Proof) -> bool:
    """Whether one of several proofs, or one of several findings that imply this one, would be enough."""
    return proof.basis == "any" or (proof.basis == "implied" and len(premises(proof)) > 1)


def test_the_leaves_of_a_proof_conclude_it_and_none_of_a_single_proof_can_be_spared(
    advising: advisor.Advisor, knowledge: Knowledge
) -> None:
    rng = random.Random(31)
    single = 0
    for _ in range(rounds(2_000, 200)):
        answers = answered(oracle.random_answers(rng), knowledge)
        for found in rng.sample(reasoning(advising, answers), k=min(3, len(advising.advise(answers).nutrients))):
            ends = leaves(found.proof)
            assert ends <= set(reported(answers, knowledge))
            assert holds(just(knowledge, ends), proved(found.proof))
            if not any(has_several_grounds(part) for part in parts(found.proof)):
                single += 1
                for end in ends:
                    if end not in with_implied(frozenset(ends - {end})):
                        assert not holds(just(knowledge, ends - {end}), proved(found.proof))
    assert single > rounds(500, 50)


def test_a_proof_names_rules_that_fired_on_what_stands_below_them(
    advising: advisor.Advisor, knowledge: Knowledge
) -> None:
    rng = random.Random(32)
    for _ in range(rounds(300, 60)):
        answers = answered(oracle.random_answers(rng), knowledge)
        fired = set(firings(advising, answers))
        used = set()
        for found in reasoning(advising, answers):
            for part in [p for proof in (found.proof, *found.supports) for p in parts(proof)]:
                if part.rule:
                    one = knowledge.rule[part.rule]
                    used.add((part.rule, tuple(map(proved, premises(part)))))
                    assert (proved(part), part.basis, part.source) == (concludes(one), one.basis, one.source)
        assert used <= fired
        # what speaks for a conclusion is there in full: only derivations that lead nowhere are not
        assert all(verb(knowledge.rule[name]) == "derive" for name, _ in fired - used)


def test_all_that_was_concluded_is_explained_and_nothing_else(advising: advisor.Advisor, knowledge: Knowledge) -> None:
    rng = random.Random(33)
    for _ in range(rounds(200, 40)):
        answers = oracle.random_answers(rng)
        explained = {proved(found.proof) for found in reasoning(advising, answered(answers, knowledge))}
        assert explained == {name for name in conclusions(knowledge) if holds(answers, name)}


def fired_rules(advising: advisor.Advisor, answers: Answers) -> set[str]:
    return {name for name, _ in firings(advising, answers)}


def finding_of(fact: str) -> str:
    """The finding whose answer a reported fact is."""
    kind, _, name = fact.partition(":")
    return "confirmed_deficiency" if kind == "confirmed" else re.split("[<>]", name)[0]


def brute_force(
    knowledge: Knowledge, answers: dict[str, Any], conclusion: str, facts: list[str]
) -> set[frozenset[str]]:
    """Every smallest set of further facts that concludes it, by trying all of them."""
    given = answered(answers, knowledge)
    denied = {fact for fact in facts if fact.startswith("finding:") and answers.get(finding_of(fact)) is False}
    # an implied yes stands against a no: what implies something that was denied is a way as well
    implying = [f"finding:{name}" for fact in denied for name in knowledge.implied_by[finding_of(fact)]]
    missing = [fact for fact in dict.fromkeys([*facts, *implying]) if fact not in reported(given, knowledge)]
    found: set[frozenset[str]] = set()

    def spares(one: frozenset[str], other: frozenset[str]) -> bool:
        return one <= with_implied(other) and one & denied <= other & denied

    for size in range(len(missing) + 1):
        for chosen in map(frozenset, itertools.combinations(missing, size)):
            if not any(spares(smaller, chosen) for smaller in found) and holds(
                plain(reporting(knowledge, given, chosen)), conclusion
            ):
                found.add(chosen)
    # of two that are as small, one may say less than the other
    return {one for one in found if not any(other != one and spares(other, one) for other in found)}


def with_implied(facts: frozenset[str]) -> frozenset[str]:
    """These facts and what they imply, by the contract."""
    findings = [fact.removeprefix("finding:") for fact in facts if fact.startswith("finding:")]
    return facts | {f"finding:{name}" for name in oracle.holding(findings)}


@pytest.mark.parametrize("conclusion", conclusions(advisor.load().knowledge))
def test_why_not_finds_every_smallest_way_and_no_other(
    conclusion: str, advising: advisor.Advisor, knowledge: Knowledge
) -> None:
    sliced = slices(knowledge, lambda facts: ())
    kind, _, target = conclusion.partition(":")
    facts = list(shown_by(sliced, sliced.of(r for r in knowledge.rules if concludes(r) == conclusion)))
    rng = random.Random(conclusion)
    asked = 0
    cases: list[dict[str, Any]] = [{}, {"age": 40, "confirmed_deficiency": [], "muscle_cramps": False}]
    while asked < rounds(8, 4):
        answers = cases.pop() if cases else {
            name: answer for name, answer in oracle.random_answers(rng).items() if rng.random() < 0.4
        }  # fmt: skip
        asked += 1
        found = why_not(advising, answered(answers, knowledge), target if kind != "care" else conclusion)
        assert found.holds == holds(answers, conclusion)
        if isinstance(found, Why):
            continue
        assert {frozenset(texts(way.missing)) for way in found.ways} == brute_force(
            knowledge, answers, conclusion, facts
        )
        for way in found.ways:
            now = answered(answers, knowledge)
            then = reporting(knowledge, now, texts(way.missing))
            assert set(way.rules) <= fired_rules(advising, then) - fired_rules(advising, now)
            assert any(concludes(knowledge.rule[name]) == conclusion for name in way.rules)
            assert set(way.answered_no) == {finding_of(fact) for fact in texts(way.missing)} & set(answers)


def test_ways_come_smallest_first_then_in_the_order_of_the_vocabulary(
    advising: advisor.Advisor, knowledge: Knowledge
) -> None:
    place = oracle.VOCABULARY.index
    for conclusion in conclusions(knowledge):
        found = why_not(advising, NOTHING, conclusion)
        assert isinstance(found, WhyNot)
        keys = [(len(way.missing), [place(finding_of(fact)) for fact in texts(way.missing)]) for way in found.ways]
        assert keys == sorted(keys)


def test_what_was_concluded_has_no_why_not_and_the_other_way_round(
    advising: advisor.Advisor, knowledge: Knowledge
) -> None:
    answers = answered({"fatigue": True}, knowledge)
    assert isinstance(why_not(advising, answers, "potassium"), Why)
    assert isinstance(why(advising, answers, "magnesium"), WhyNot)


def advising_by(knowledge: Knowledge, *rules: Rule) -> advisor.Advisor:
    return advisor.Advisor(with_rules(knowledge, *rules))


def test_a_number_is_answered_otherwise_only_as_a_whole(knowledge: Knowledge) -> None:
    advising = advising_by(
        knowledge,
        rule("range", "advise", "hydrate", ("finding:age>=50", "finding:age<=60", "finding:fatigue")),
        rule("never", "advise", "stretch", ("finding:age>=50", "finding:age<40")),
    )
    young = answered({"age": 30}, knowledge)
    found = why_not(advising, young, "hydrate")
    assert isinstance(found, WhyNot)
    (way,) = found.ways
    # that it is at most 60 holds now, but the number has to be another one
    assert texts(way.missing) == ("finding:fatigue", "finding:age>=50", "finding:age<=60")
    assert way.answered_no == ("age",)
    assert way.rules == ("range",)
    never = why_not(advising, young, "stretch")
    assert isinstance(never, WhyNot)
    assert never.ways == ()


def test_of_two_tests_of_a_number_only_the_one_that_counts_is_named(knowledge: Knowledge) -> None:
    advising = advising_by(
        knowledge,
        rule("sixty", "advise", "hydrate", ("finding:age>=60",)),
        rule("seventy", "advise", "hydrate", ("finding:age>=70",)),
        rule("both", "advise", "stretch", ("finding:age>=60", "finding:age>=70", "finding:dry_skin")),
    )
    for conclusion, missing in (
        ("hydrate", [("finding:age>=60",)]),
        ("stretch", [("finding:dry_skin", "finding:age>=70")]),
    ):
        found = why_not(advising, answered({"age": 40}, knowledge), conclusion)
        assert isinstance(found, WhyNot)
        assert [texts(way.missing) for way in found.ways] == missing


def test_a_rule_with_too_many_support_sets_stops_only_its_own_explanation(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(support_sets, "MOST", 3)
    advising = advising_by(
        knowledge,
        rule("a", "derive", "derived:a", *([f"finding:{name}"] for name in oracle.SYMPTOMS[:3])),
        rule("b", "derive", "derived:b", *([f"finding:{name}"] for name in oracle.SYMPTOMS[3:6])),
        rule("many", "advise", "hydrate", ("derived:a", "derived:b")),
        rule("few", "advise", "stretch", ("finding:fatigue",)),
    )
    assert isinstance(why_not(advising, NOTHING, "stretch"), WhyNot)
    with pytest.raises(AdvisorError, match="rule 'many' can come about in more than 3 ways"):
        why_not(advising, NOTHING, "hydrate")


def test_derivations_that_lead_nowhere_are_loose_ends(advising: advisor.Advisor, knowledge: Knowledge) -> None:
    rng = random.Random(35)
    for _ in range(rounds(200, 40)):
        answers = answered(oracle.random_answers(rng), knowledge)
        whys = reasoning(advising, answers)
        proofs = [proof for why in whys for proof in (why.proof, *why.supports)] + list(loose_ends(advising, answers))
        told = {part.rule for proof in proofs for part in parts(proof) if part.rule}
        assert told == fired_rules(advising, answers)


def test_what_if_tells_exactly_what_differs(advising: advisor.Advisor, knowledge: Knowledge) -> None:
    rng = random.Random(34)
    for _ in range(rounds(400, 80)):
        answers = oracle.random_answers(rng)
        changed: dict[str, Any] = {}
        for name in rng.sample(oracle.VOCABULARY, rng.randrange(1, 4)):
            values: dict[str, list[Any]] = {"age": [None, 30, 70], "confirmed_deficiency": [None, ("calcium",), ()]}
            changed[name] = rng.choice(values.get(name, [True, False, None]))
        then = {k: v for k, v in {**answers, **changed}.items() if v is not None}
        found = what_if(advising, answered(answers, knowledge), changed)
        before, after = (oracle.evaluate(CLAUSES, {k: list(v) if isinstance(v, tuple) else v for k, v in one.items()})
                         for one in (answers, then))  # fmt: skip
        expected: dict[tuple[str, str], Any] = {}
        ranks = [
            {n: {"rank": rank, "support": s} for rank, (n, s) in zip(o.ranks(), o.ranking(), strict=True)}
            for o in (before, after)
        ]
        for nutrient in oracle.NUTRIENTS:
            expected["nutrient", nutrient] = tuple(rank.get(nutrient) for rank in ranks)
        for kind, concluding in (("advice", "advise"), ("caution", "caution"), ("care", "refer")):
            for target in {c.target for c in CLAUSES if c.verb == concluding}:
                expected[kind, target] = tuple(target in o.concluded(concluding) for o in (before, after))
        differing = {key: value for key, value in expected.items() if value[0] != value[1]}
        told = {
            (c.kind, c.id): (standing(c.before), standing(c.after))
            for c in found
            if c.kind not in ("care_level", "all_clear")
        }
        assert told == differing
        assert all(change.rules for change in found if change.kind != "all_clear")
        levels = [advising.advise(one).care.level for one in (answers, then)]
        level = [(c.before, c.after) for c in found if c.kind == "care_level"]
        assert level == ([tuple(levels)] if levels[0] != levels[1] else [])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("magnesum", "no conclusion 'magnesum' (did you mean 'magnesium'?)"),
        ("iron", "must be the id of a nutrient, advice, caution or care item"),
        ("finding:fatigue", "no conclusion 'finding:fatigue'"),
    ],
)
def test_an_unknown_conclusion_is_answered_in_a_sentence(name: str, message: str, advising: advisor.Advisor) -> None:
    with pytest.raises(AdvisorError) as error:
        why(advising, NOTHING, name)
    assert message in str(error.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "case.yaml"
    path.write_text("findings: {fatigue: yes, takes_warfarin: yes, age: 40, muscle_cramps: no}\n")
    return path


def test_the_command_answers_each_question_with_one_object(run: Run, file: Path) -> None:
    done = run(
        "explain", file, "--why", "potassium", "--why-not", "vitamin_k2",
        "--what-if", "cramps_at_night=yes", "--what-if", "age=70", "--format", "json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    why, why_not, what_if = map(json.loads, done.stdout.splitlines())
    fatigue: dict[str, Any] = {
        "fact": "finding:fatigue",
        "rule": None,
        "because": [],
        "basis": "reported",
        "source": [],
    }
    assert (why["id"], why["holds"]) == ("potassium", True)
    assert why["proof"] == {
        "fact": "suggested:potassium", "rule": "potassium.fatigue", "because": [fatigue], "basis": "stated",
        "source": ["table.potassium"],
    }  # fmt: skip
    assert (why_not["id"], why_not["holds"]) == ("vitamin_k2", False)
    assert why_not["ways"][0] == {
        "missing": ["finding:cramps_at_night"], "answered_no": [], "rules": ["vitamin_k2.night_cramps"],
        "contradicts": ["muscle_cramps"],  # which cramps at night are
    }  # fmt: skip
    changed = {(c["kind"], c["id"]): (c["before"], c["after"]) for c in what_if["changes"]}
    assert changed["nutrient", "vitamin_k2"] == (None, {"rank": 1, "support": 2})
    assert changed["advice", "stretch"] == (False, True)
    for answer in (why, why_not, what_if):
        assert [item["id"] for item in answer["disclaimers"]] == list(oracle.DISCLAIMERS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--why", "iron"], "there is no conclusion 'iron'"),
        (["--what-if", "fatigue"], "'fatigue' must be FINDING=ANSWER"),
        (["--what-if", "fatique=yes"], "unknown finding 'fatique' (did you mean 'fatigue'?)"),
        (["--what-if", "age=old"], "age must be a whole number"),
        (["--what-if", "age=200"], "age must be a whole number"),
        (["--what-if", "confirmed_deficiency=iron"], "unknown nutrient 'iron'"),
        (["--what-if", "fatigue=yes", "--what-if", "fatigue=no"], "fatigue is given two answers"),
        (["--format", "pdf"], "pdf"),
    ],
)
def test_a_question_that_cannot_be_answered_ends_with_2(
    arguments: list[str], message: str, run: Run, file: Path
) -> None:
    done = run("explain", file, *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def told(done: subprocess.CompletedProcess[bytes]) -> str:
    """What a command printed, without its line breaks."""
    assert done.returncode == 0, done.stderr
    return " ".join(done.stdout.decode().split())


def in_order(text: str, parts: Iterable[str]) -> bool:
    places = [text.index(part) for part in parts]
    return places == sorted(places)


def test_the_whole_reasoning_goes_down_to_what_was_reported(run: Run, file: Path) -> None:
    shown = told(run("explain", file))
    assert "Potassium may be worth discussing" in shown
    assert "rule potassium.fatigue" in shown
    assert "Unusual tiredness (reported)" in shown
    assert "[1] table of nutrients, row potassium" in shown
    assert "[1] Essential Vitamins and Minerals for Muscle Function – a general health article" in shown
    assert "No single vitamin is sure to stop cramps." in shown
    why_not = told(run("explain", file, "--why-not", "vitamin_k2"))
    assert "Vitamin K2: why it did not come up" in why_not
    order = ("Confirmed low vitamin K2", "Vitamin K2: only with other answers", "Cramps at night")
    assert in_order(why_not, (*order, "But the answer was: no to muscle cramps."))


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_what_is_implied_is_said_to_follow_from_what_was_reported(form: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("findings: [cramps_at_night]")
    shown = told(run("explain", tmp_path / "c.yaml", "--why", "calcium", "--format", form))
    assert "Muscle cramps (follows from: cramps at night)" in shown
    assert "Muscle cramps (reported)" not in shown


def test_a_graph_leads_from_what_was_reported_to_what_it_implies(run: Run, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("findings: [cramps_at_night]")
    graph = run("explain", tmp_path / "c.yaml", "--why", "calcium", "--format", "dot").stdout.decode()
    said = re.findall(r'  (n\d+) \[label="(.*)"\]', graph)
    named = {label.replace("\\n", " "): name for name, label in said}
    implied = named["Muscle cramps (follows from: cramps at night)"]
    assert f"{named['Cramps at night (reported)']} -> {implied}" in graph


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_the_reasoning_stands_in_the_order_of_the_advice(form: str, run: Run) -> None:
    shown = told(run("explain", ROOT / "examples" / "night-cramps.yaml", "--format", form))
    sections = ("Why to seek care", "Be careful: why", "Why these nutrients may be worth discussing")
    assert in_order(
        shown, (*sections, "Everyday things that may help: why", "Please remember", "Where this comes from")
    )
    # a caution that follows from a nutrient comes before it, and leaves it to be explained there
    assert in_order(shown, ("Potassium may be worth discussing (as explained below)", "potassium.fatigue"))


def test_a_question_that_does_not_fit_the_result_says_so(run: Run, file: Path) -> None:
    shown = told(run("explain", file, "--why", "calcium", "--why-not", "potassium"))
    assert "You asked why, but it did not come up." in shown
    assert "You asked why not, but it came up." in shown
    shown = told(run("explain", file, "--why", "stretch", "--why-not", "medicines"))
    assert "You asked why, but it is not shown." in shown
    assert "You asked why not, but it is shown." in shown


def test_what_would_be_an_emergency_is_said_first(run: Run, file: Path) -> None:
    changes = ("--what-if", "breathless_or_chest_pain=yes", "--what-if", "tingling=yes")
    for form in ("text", "markdown", "html"):
        shown = told(run("explain", file, *changes, "--format", form))
        assert "This can wait until you have been seen." in shown
        assert in_order(shown.lower(), ("with these other answers: get emergency help now", "vitamin b12: 2 things"))
        assert "It would say “Get emergency help now” instead of “This is not an all-clear”" in shown


def test_equals_share_a_place_in_what_would_be(run: Run, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("findings: [fatigue]")  # potassium and vitamin B12 alike
    shown = told(run("explain", tmp_path / "c.yaml", "--what-if", "tingling=yes", "--what-if", "dry_skin=yes"))
    assert "Potassium: it would have shared place 2 instead of shared place 1" in shown
    assert (
        "Vitamin B12: 2 things would point to it instead of 1, and it would have place 1 instead of shared place 1"
        in shown
    )
    assert "Calcium would come up: 1 thing would point to it, and it would have shared place 2" in shown
    shown = told(run("explain", tmp_path / "c.yaml", "--what-if", "fatigue=no"))
    assert "Potassium would no longer come up (now it has shared place 1)" in shown


def test_texts_that_do_not_hold_are_only_quoted(run: Run, file: Path) -> None:
    shown = told(run("explain", file, "--why-not", "breathless_or_chest_pain"))
    assert "The notice to seek care “Breathlessness or chest pain”: why it is not shown" in shown
    assert "This only shows how the rules work. It is no advice to change anything." in shown


def test_a_case_without_any_conclusion_is_told_what_advise_tells(run: Run, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("findings: [rarely_eats_potassium_foods]")
    shown = told(run("explain", tmp_path / "c.yaml"))
    assert "That does not mean that nothing is wrong" in shown
    assert "Not every warning sign was answered with no." in shown
    assert "get medical help all the same" in shown
    assert in_order(shown, ("This alone points to no nutrient.", "rule potassium.few_foods"))


def test_what_is_our_reading_is_marked_wherever_it_stands_and_the_mark_explained_once(
    run: Run, tmp_path: Path, knowledge: Knowledge
) -> None:
    (tmp_path / "c.yaml").write_text("findings: [cramps_at_night, dehydration, rarely_eats_leafy_greens]")
    for question in (["--why-not", "vitamin_b6"], ["--what-if", "cramps_at_night=no"], [], ["--why", "magnesium"]):
        shown = told(run("explain", tmp_path / "c.yaml", *question))
        for one in knowledge.rules:
            marked = f"{rationale(one)} (our reading)"
            assert shown.count(marked) == (shown.count(rationale(one)) if one.basis == "interpreted" else 0), one.id
        assert shown.count("“Our reading” marks") == ("(our reading)" in shown)


def test_an_explanation_ends_with_the_sources_of_what_it_names_and_of_nothing_else(run: Run, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("findings: [cramps_at_night, kidney_disease]")
    about_low_potassium = told(run("explain", tmp_path / "c.yaml", "--why", "potassium"))
    assert "bmj.com" not in about_low_potassium
    about_much = told(run("explain", tmp_path / "c.yaml", "--why", "potassium_build_up"))
    assert "https://www.bmj.com/content/326/7379/35" in about_much


@pytest.mark.parametrize("form", ["text", "markdown", "html", "dot", "mermaid"])
def test_a_warning_sign_leads_every_explanation_and_disclaimers_end_it(
    form: str, run: Run, tmp_path: Path, knowledge: Knowledge
) -> None:
    (tmp_path / "c.yaml").write_text("findings: [muscle_cramps, one_leg_swollen_warm_or_red]")
    for question in ([], ["--why", "magnesium"], ["--what-if", "fatigue=yes"]):
        shown = told(run("explain", tmp_path / "c.yaml", *question, "--format", form)).replace("\\n", " ")
        shown = shown.replace("#39;", "'").replace("#45;", "-").replace("<br>", " ")
        shown = shown.replace("Get medical help urgently", "GET MEDICAL HELP URGENTLY")  # in capitals by the style
        assert "GET MEDICAL HELP URGENTLY" in shown
        assert shown.index("GET MEDICAL HELP URGENTLY") < (shown.find("agnesium") % len(shown))
        if question == ["--why", "magnesium"] and form not in ("dot", "mermaid"):
            assert "This can wait until you have been seen." in shown
        for disclaimer in knowledge.disclaimers:
            assert disclaimer.text in shown
