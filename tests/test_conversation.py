"""The conversation, whatever the front end: one that only knows answers holds it, and none knows the interview."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Sequence

import oracle
import pytest
from builders import ROOT
from rich.console import Console, RenderableType
from sizes import rounds
from test_architecture import imports
from test_interview import by_the_contract, concluded, person

import advisor
from advisor.cli.conversation import Conversation
from advisor.cli.front_end import FrontEnd, Prompt
from advisor.render.questions import HELP_FIRST


class Person:
    """A front end that answers as someone would, by the words of the questions alone."""

    keys = "No keys are needed."

    def __init__(self, advising: advisor.Advisor, who: oracle.Person) -> None:
        self._yes = {}
        for finding in advising.knowledge.findings:
            self._yes[finding.label] = self._yes[finding.question] = who[finding.id]
        self._confirmed = who["confirmed_deficiency"]
        self._nutrients = [nutrient.name for nutrient in advising.knowledge.nutrients]
        self.said: list[str] = []
        self.asked: list[str] = []

    def say(self, view: RenderableType) -> None:
        console = Console(width=200)
        with console.capture() as capture:
            console.print(view)
        self.said.append(capture.get())

    def decide(self, prompt: Prompt, *, unknown: bool) -> bool | None:
        self.asked.append(prompt.text)
        if prompt.text == HELP_FIRST:
            return True
        assert unknown
        answer = self._yes[prompt.text]
        assert answer is None or isinstance(answer, bool)
        return answer

    def number(self, prompt: Prompt, low: int, high: int) -> int | None:
        answer = self._yes[prompt.text]
        assert answer is None or (type(answer) is int and low <= answer <= high)
        return answer

    def several(self, prompt: Prompt, options: Sequence[str]) -> list[int] | None:
        self.asked.append(prompt.text)
        if list(options) == self._nutrients:
            if self._confirmed is None:
                return None
            assert isinstance(self._confirmed, list)
            return [oracle.NUTRIENTS.index(name) for name in self._confirmed]
        return [number for number, label in enumerate(options) if self._yes[label]]

    def one(self, prompt: Prompt, options: Sequence[str], *, chosen: str, otherwise: str) -> int | None:
        self.asked += options
        return None


def held(advising: advisor.Advisor, who: oracle.Person, one_by_one: bool) -> tuple[advisor.Advice, Person]:
    front = Person(advising, who)
    checked: FrontEnd = front
    conversation = Conversation(advising, advising.interview(one_by_one), "someone", checked)
    return conversation.run().advice, front


@pytest.mark.parametrize("one_by_one", [False, True])
def test_any_front_end_leads_to_the_conclusions_of_the_contract(advising: advisor.Advisor, one_by_one: bool) -> None:
    rng = random.Random(59)
    for _ in range(rounds(400, 10)):
        who = person(rng)
        advice, front = held(advising, who, one_by_one)
        assert concluded(advice) == by_the_contract(who)
        notices = [said for said in front.said if "HELP" in said]
        assert len(notices) == front.asked.count(HELP_FIRST)
        assert bool(notices) == (advice.care.level in ("emergency", "urgent"))
        for item in advice.care.items:  # each was named at once, by its text or by its label
            label = next(care.label for care in advising.knowledge.care if care.id == item.id)
            told = any(item.text in " ".join(said.split()) or label in said for said in notices)
            assert told == (item.level != "routine")


def test_the_words_of_a_notice_are_those_of_the_level_and_the_item(advising: advisor.Advisor) -> None:
    nobody: oracle.Person = {**dict.fromkeys(oracle.VOCABULARY, False), "age": 40, "confirmed_deficiency": []}
    for item in advising.knowledge.care:
        if item.id in oracle.PRESSING and item.id in oracle.LEVELS:  # those about one sign, which are called like it
            level = advising.knowledge.care_level[item.level]
            said = held(advising, {**nobody, item.id: True}, one_by_one=False)[1].said
            [notice] = [" ".join(view.split()) for view in said if level.heading.upper() in view]
            assert notice == f"{level.heading.upper()} {level.text} - {item.text}"


@pytest.mark.parametrize("module", ["front_end", "typing_lines", "choosing", "menus"])
def test_no_front_end_knows_the_interview(module: str) -> None:
    used = set(imports(ROOT / "advisor" / "cli" / f"{module}.py"))
    assert not {name for name in used if name.startswith(("advisor.reasoning", "advisor.model"))}
    assert not {"advisor.render.questions", "advisor.cli.conversation", "advisor"} & used


def test_the_library_that_draws_is_imported_only_to_draw() -> None:
    ask = "import sys; sys.argv = ['', 'ask', '--format', 'json']; from advisor.cli import main\ntry: main()\nfinally: "
    check = "assert 'advisor.cli.sitting' in sys.modules; assert 'prompt_toolkit' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", ask + check], input=b"0\n" * 12, capture_output=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr.decode()
