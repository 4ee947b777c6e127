"""What the package leans on though nobody promised it: the insides of libraries, and of Python itself.

Each test fails with what has changed and which module of ours leans on it. An upgrade that breaks one of them is not to
be taken before that module has been mended.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import importlib.metadata
import io
import json
import logging
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest
import yaml
from builders import ROOT
from rich.console import Console
from rich.progress import Progress

from advisor.engine.durable import import_durable

POSITIONED = "advisor/source/positioned.py"
DURABLE = "advisor/engine/durable.py"
LIMITS = "advisor/engine/limits.py"
COMMANDS = "advisor/cli/commands.py"
METER = "advisor/render/batch_report.py"


@contextlib.contextmanager
def leaning(module: str, on: str) -> Iterator[None]:
    """Fail where something is not as the module of ours takes it to be, whatever the error."""
    try:
        yield
    except Exception as error:
        pytest.fail(f"{on}: this has changed, and {module} leans on it ({error!r})")


@pytest.mark.parametrize("module", [POSITIONED, DURABLE, LIMITS, COMMANDS, METER])
def test_the_modules_named_here_are_there(module: str) -> None:
    assert (ROOT / module).exists(), f"{module} has moved: name its new place in {Path(__file__).name}"


# --- json.decoder, json.scanner


def numbers(text: str, start: int) -> tuple[int, int]:
    """A scanner of single digits."""
    return int(text[start]) * 100, start + 1


def test_json_object_reads_pairs_with_the_scanner_it_is_given() -> None:
    with leaning(POSITIONED, "json.decoder.JSONObject(where, strict, scan_once, object_hook, pairs_hook, memo)"):
        read = importlib.import_module("json.decoder").JSONObject
        assert read(('{"a": 1, "b": 2, "a": 3}', 1), True, numbers, None, list, {}) == (
            [("a", 100), ("b", 200), ("a", 300)], 24,
        )  # fmt: skip
        assert read(("{}", 1), True, numbers, None, list, {}) == ([], 2)


def test_json_array_reads_items_with_the_scanner_it_is_given() -> None:
    with leaning(POSITIONED, "json.decoder.JSONArray(where, scan_once)"):
        read = importlib.import_module("json.decoder").JSONArray
        assert read(("[1, 2]", 1), numbers) == ([100, 200], 6)


def test_the_scanner_in_python_hands_objects_and_arrays_to_its_decoder() -> None:
    seen: list[tuple[Any, ...]] = []

    class Decoder(json.JSONDecoder):
        def __init__(self) -> None:
            super().__init__()
            self.parse_object = self._object
            self.parse_array = self._array
            self.scan_once = importlib.import_module("json.scanner").py_make_scanner(self)

        def _object(self, where: Any, strict: Any, scan_once: Any, hook: Any, pairs_hook: Any, memo: Any) -> Any:
            seen.append(("object", where, strict, hook, pairs_hook, type(memo)))
            return "an object", len(where[0])

        def _array(self, where: Any, scan_once: Any) -> Any:
            seen.append(("array", where, scan_once("7", 0)))
            return "an array", len(where[0])

    with leaning(POSITIONED, "json.scanner.py_make_scanner and what it calls parse_object and parse_array with"):
        assert Decoder().decode('{"a": 1}') == "an object"
        assert Decoder().decode("[1]") == "an array"
        assert seen == [("object", ('{"a": 1}', 1), True, None, None, dict), ("array", ("[1]", 1), (7, 1))]


# --- PyYAML


def test_pyyaml_knows_which_characters_cannot_be_printed() -> None:
    with leaning(POSITIONED, "yaml.reader.Reader.NON_PRINTABLE"):
        odd: re.Pattern[str] = importlib.import_module("yaml.reader").Reader.NON_PRINTABLE
        assert all(odd.search(f"a{character}b") for character in "\x00\x07\x1b\x7f\ud800\ufffe")
        assert not odd.search("a b\tc\nd\r\x85é \u2028 你 😀 \ufeff")


@pytest.mark.parametrize("loader", [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)])
def test_pyyaml_gives_events_with_their_lines_anchors_and_tags(loader: Any) -> None:
    with leaning(POSITIONED, f"events of yaml.parse with {loader.__name__}: start_mark, anchor, tag, style, value"):
        events: list[Any] = list(yaml.parse('a:\n  - &x !t "b"', Loader=loader))
        start, document, mapping, key, items, scalar, *_, last = events
        assert isinstance(start, yaml.StreamStartEvent)
        assert isinstance(document, yaml.DocumentStartEvent)
        assert isinstance(last, yaml.StreamEndEvent)
        assert (mapping.start_mark.line, mapping.anchor, mapping.tag) == (0, None, None)
        assert (key.value, bool(key.style), items.start_mark.line) == ("a", False, 1)
        assert (scalar.value, scalar.style, scalar.anchor, scalar.tag) == ("b", '"', "x", "!t")
        with pytest.raises(yaml.MarkedYAMLError) as broken:
            list(yaml.parse("a: [b\n", Loader=loader))
        assert broken.value.problem_mark
        assert isinstance(broken.value.problem_mark.index, int)


# --- durable-rules


@pytest.fixture(scope="module")
def durable() -> ModuleType:
    return import_durable()


def ruleset(durable: ModuleType, action: Any, further: Any = lambda closure: None) -> Any:
    """A rule that fires on the facts x and y, and one that fires on z."""
    one = {"all": [{"c0": {"fact": "x"}}, {"c1": {"fact": "y"}}], "run": action}
    return durable.Ruleset("canary", None, {"one": one, "two": {"all": [{"c0": {"fact": "z"}}], "run": further}})


def test_the_limits_were_measured_on_the_durable_rules_that_is_installed() -> None:
    with leaning(LIMITS, "durable-rules 2.0.28, on which the limits were measured"):
        assert importlib.metadata.version("durable-rules") == "2.0.28"


def test_a_ruleset_takes_facts_one_by_one_and_runs_what_they_set_off(durable: ModuleType) -> None:
    fired: list[str] = []
    outcome: list[Any] = []

    def action(closure: Any) -> None:
        fired.append("one")
        closure.assert_fact({"id": "z", "fact": "z"})

    with leaning(DURABLE, "durable.engine.Ruleset: assert_fact, do_actions and delete_state, and Closure.assert_fact"):
        rules = ruleset(durable, action, lambda closure: fired.append("two"))
        for fact in "xy":
            state = rules.assert_fact({"sid": "1", "id": fact, "fact": fact})
            rules.do_actions(state, lambda error, state: outcome.append((error, state)))
        assert fired == ["one", "two"]
        assert [(error, state.get("exception")) for error, state in outcome if state] == [(None, None)]
        rules.delete_state("1")


def test_facts_that_nothing_uses_and_facts_known_already_are_told_apart_by_exceptions(durable: ModuleType) -> None:
    with leaning(DURABLE, "durable.engine.MessageNotHandledException and MessageObservedException"):
        rules = ruleset(durable, lambda closure: None)
        with pytest.raises(durable.MessageNotHandledException):
            rules.assert_fact({"sid": "1", "id": "w", "fact": "w"})
        rules.assert_fact({"sid": "1", "id": "x", "fact": "x"})
        with pytest.raises(durable.MessageObservedException):
            rules.assert_fact({"sid": "1", "id": "x", "fact": "x"})


def test_an_exception_in_an_action_becomes_a_text_in_the_state(durable: ModuleType) -> None:
    outcome: list[Any] = []

    def failing(closure: Any) -> None:
        raise ValueError("as in this test")

    with leaning(DURABLE, "durable.engine.Promise.run: an exception is kept as text in the state, as `exception`"):
        rules = ruleset(durable, failing)
        rules.assert_fact({"sid": "1", "id": "x", "fact": "x"})
        state = rules.assert_fact({"sid": "1", "id": "y", "fact": "y"})
        rules.do_actions(state, lambda error, state: outcome.append((error, state)))
        told = [str(error or (final or {}).get("exception")) for error, final in outcome]
        assert any("as in this test, traceback" in text for text in told)


def test_durable_rules_reads_its_clock_and_its_json_through_names_that_can_be_replaced(
    durable: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: set[str] = set()

    class Json:
        @staticmethod
        def dumps(value: Any, ensure_ascii: bool = True) -> str:
            used.add("dumps")
            return json.dumps(value, ensure_ascii=ensure_ascii)

        @staticmethod
        def loads(text: str) -> Any:
            used.add("loads")
            return json.loads(text)

    def clock() -> float:
        used.add("clock")
        return 0.0

    with leaning(DURABLE, "durable.engine._unix_now and durable.engine.json"):
        assert callable(durable._unix_now)
        assert durable.json.dumps
        monkeypatch.setattr(durable, "json", Json)
        monkeypatch.setattr(durable, "_unix_now", clock)
        rules = ruleset(durable, lambda closure: None)
        rules.assert_fact({"sid": "1", "id": "x", "fact": "x"})
        rules.do_actions(rules.assert_fact({"sid": "1", "id": "y", "fact": "y"}), lambda error, state: None)
        assert used == {"dumps", "loads", "clock"}


def test_durable_rules_logs_below_the_name_that_is_silenced(durable: ModuleType) -> None:
    with leaning(DURABLE, "durable.engine.logger: it logs under the name `durable`"):
        assert durable.logger.name.split(".")[0] == "durable"
        assert any(isinstance(handler, logging.NullHandler) for handler in logging.getLogger("durable").handlers)


# --- others


def test_click_ends_with_1_and_another_stream_where_nobody_reads_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def command() -> None:
        raise BrokenPipeError(errno.EPIPE, "as in this test")

    with leaning(COMMANDS, "click.Command.main: after a broken pipe sys.stdout is another object, and it exits"):
        for name in ("stdout", "stderr"):
            monkeypatch.setattr(sys, name, io.TextIOWrapper(io.BytesIO()))
        before = sys.stdout
        with pytest.raises(SystemExit):
            command.main([], prog_name="x", standalone_mode=False)
        assert sys.stdout is not before


def test_a_progress_bar_that_is_refreshed_by_hand_starts_no_thread() -> None:
    with leaning(METER, "rich.progress.Progress(auto_refresh=False): it starts no thread, which forks would copy"):
        before = threading.active_count()
        with Progress(console=Console(file=io.StringIO()), auto_refresh=False):
            assert threading.active_count() == before
