"""The shipped knowledge and rules: complete, traceable, in our own words, and calm."""

from __future__ import annotations

import hashlib
import re

import pytest
from builders import ROOT, alternatives, rationale, verb

import advisor
from advisor.model.knowledge import Knowledge, Rule

ARTICLE = ROOT.parent / "shared" / "article.txt"
FILES = sorted([*(ROOT / "knowledge").glob("*.yaml"), *(ROOT / "rules").glob("*.yaml")])
SAID = [path for path in FILES if path.stem not in ("invariants", "language")]  # those two speak to authors alone
needs_article = pytest.mark.skipif(not ARTICLE.exists(), reason="the article is not at hand")


def shipped_rules() -> list[Rule]:
    return list(advisor.load().knowledge.rules)


@pytest.mark.parametrize("rule", shipped_rules(), ids=lambda rule: rule.id)
def test_every_example_fires_its_rule(rule: Rule, advising: advisor.Advisor) -> None:
    assert rule.examples
    for example in rule.examples:
        assert rule.id in {step.rule for step in advising.advise(example).trace}


@pytest.mark.parametrize("rule", shipped_rules(), ids=lambda rule: rule.id)
def test_every_alternative_of_a_rule_fires_in_some_example(rule: Rule, advising: advisor.Advisor) -> None:
    fired = {
        step.because for example in rule.examples for step in advising.advise(example).trace if step.rule == rule.id
    }
    assert fired == set(alternatives(rule))


def article_passages() -> dict[str, str]:
    """Split the article into its 46 passages by place, without a look at how sources.yaml was made."""
    text = ARTICLE.read_text("utf-8")
    passages = {}
    section, table = "", ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("|"):
            name = line.split("|")[1].strip()
            if name != "Nutrient" and not set(name) <= set("-"):
                passages[f"table {name}"] = line
        elif not line.endswith("."):
            section, table = line, ""
        else:
            body = line
            if line.startswith("- "):
                table, body = line[2:].split(": ", 1)
            sentences = re.findall(r"[^.]+(?:\.(?!\s+[A-Z]|$)[^.]*)*\.", body)
            passages |= {f"{section} {table} {n}": s.strip() for n, s in enumerate(sentences, 1)}
    return passages


@needs_article
def test_every_passage_of_the_article_is_listed_with_its_hash(knowledge: Knowledge) -> None:
    passages = article_passages()
    assert len(passages) == 46
    hashes = {hashlib.sha256(" ".join(text.split()).encode()).hexdigest() for text in passages.values()}
    (article,) = [source for source in knowledge.sources if source.id == "article"]
    assert {passage.sha256 for passage in article.passages} == hashes
    assert len(article.passages) == 46


@needs_article
def test_passages_are_listed_in_the_order_of_the_article(knowledge: Knowledge) -> None:
    by_hash = {p.sha256: p.id for _, p in knowledge.passage.values() if p.sha256}
    in_text = [by_hash[hashlib.sha256(" ".join(t.split()).encode()).hexdigest()] for t in article_passages().values()]
    (article,) = [source for source in knowledge.sources if source.id == "article"]
    assert [passage.id for passage in article.passages] == in_text


@needs_article
def test_no_eight_words_in_a_row_are_copied_from_the_article() -> None:
    def words(text: str) -> list[str]:
        return re.findall(r"[a-z0-9']+", text.lower())

    article = words(ARTICLE.read_text("utf-8"))
    theirs = {tuple(article[i : i + 8]) for i in range(len(article) - 7)}
    for path in FILES:
        ours = words(path.read_text("utf-8"))
        copied = [" ".join(ours[i : i + 8]) for i in range(len(ours) - 7) if tuple(ours[i : i + 8]) in theirs]
        assert not copied, path.name


def test_every_passage_is_used_or_says_why_not(knowledge: Knowledge) -> None:
    for name, (_, passage) in knowledge.passage.items():
        assert bool(knowledge.cited_by[name]) != bool(passage.background)


def test_what_the_article_does_not_say_rests_on_the_other_sources(knowledge: Knowledge) -> None:
    beyond = {r.id for r in knowledge.rules if any(knowledge.passage[p][0].id != "article" for p in r.source)}
    care = {rule.id for rule in knowledge.rules if verb(rule) == "refer"}
    cautions = {rule.id for rule in knowledge.rules if verb(rule) == "caution"}
    advice = {"lifestyle.during_a_cramp", "lifestyle.ask_about_medicines"}
    stated_by_the_article = {"cautions.kidney_disease", "cautions.medicines", "cautions.other_condition"}
    assert beyond == care | advice | (cautions - stated_by_the_article) | {"vitamin_k2.trial_age"}


def test_texts_are_short_enough_for_a_worried_reader(knowledge: Knowledge) -> None:
    shown = [rationale(rule) for rule in knowledge.rules] + [item.text for item in knowledge.care]
    for items in (knowledge.advice, knowledge.cautions, knowledge.disclaimers):
        shown += [item.text for item in items]
    for text in shown:
        assert text.endswith(".")
        for sentence in re.split(r"(?<=[.?])\s", text):
            assert len(sentence.split()) <= 30, sentence


def test_every_finding_can_be_asked_and_recognised(knowledge: Knowledge) -> None:
    for finding in knowledge.findings:
        assert finding.question.endswith("?")
        assert finding.help.endswith(".")
        assert len(finding.synonyms) >= 2
        assert len(set(finding.synonyms)) == len(finding.synonyms)
        assert len(finding.label) <= 70
