"""Menus: what is shown for a question that is answered with keys, and what each key does."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.cli.menus import NONE, UNKNOWN, AnyOf, Digits, Menu, OneOf


def press(menu: Menu[Any], *keys: str) -> tuple[Any] | None:
    """Press keys, one after the other; return the answer of the last."""
    answer = None
    for key in keys:
        assert answer is None, "answered before the last key"
        answer = menu.keys()[key]()
    return answer


def shown(menu: Menu[Any]) -> list[str]:
    return [f"{mark} {label}" for mark, label in menu.rows()]


def test_options_are_ticked_with_space_and_enter_goes_on() -> None:
    menu = AnyOf(["a", "b", "c"])
    assert press(menu, "down", "space", "down", "space") is None
    assert shown(menu) == ["  [ ] a", "  [x] b", "> [x] c", f"  [ ] {NONE}", f"  [ ] {UNKNOWN}"]
    assert press(menu, "enter") == ([1, 2],)
    assert press(menu, "space", "enter") == ([1],)


def test_enter_denies_nothing_before_something_is_ticked() -> None:
    menu = AnyOf(["a", "b"])
    assert press(menu, "enter", "down", "enter") is None
    assert "space" in menu.hint
    assert shown(menu)[1] == "> [ ] b"
    press(menu, "up")
    assert not menu.hint


def test_none_and_dont_know_are_rows_of_their_own() -> None:
    assert press(AnyOf(["a", "b"]), "down", "down", "enter") == ([],)
    assert press(AnyOf(["a", "b"]), "end", "enter") == (None,)
    assert press(AnyOf(["a", "b"]), "d") == (None,)


def test_none_and_dont_know_go_with_nothing_else() -> None:
    menu = AnyOf(["a", "b"])
    press(menu, "space", "down", "space", "down", "space")
    assert shown(menu)[:3] == ["  [ ] a", "  [ ] b", f"> [x] {NONE}"]
    press(menu, "down", "space")
    assert shown(menu)[2:] == [f"  [ ] {NONE}", f"> [x] {UNKNOWN}"]
    assert press(menu, "home", "space", "enter") == ([0],)


def test_what_is_ticked_counts_wherever_the_cursor_stands() -> None:
    assert press(AnyOf(["a", "b"]), "space", "end", "enter") == ([0],)


def test_the_cursor_goes_round() -> None:
    menu = AnyOf(["a", "b"])
    press(menu, "up")
    assert (menu.at, menu.option) == (3, None)
    press(menu, "down")
    assert (menu.at, menu.option) == (0, 0)


def test_one_of_some_rows_is_chosen_by_a_key_or_a_letter() -> None:
    answers = [("Yes", True), ("No", False), (UNKNOWN, None)]
    assert shown(OneOf(answers, 2)) == ["  Yes", "  No", f"> {UNKNOWN}"]
    assert press(OneOf(answers, 2), "enter") == (None,)
    assert press(OneOf(answers, 2), "up", "space") == (False,)
    assert press(OneOf(answers, 2, "ynd"), "y") == (True,)
    assert "y" not in OneOf(answers, 2).keys()  # noqa: SIM118


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        ("4 2 enter", 42),
        ("0 enter", 0),
        ("1 2 0 enter", 120),
        ("1 2 backspace 9 enter", 19),
        ("7 0 5 5 enter", None),  # 705 is too much; a fourth digit is not taken
        ("enter", None),
        ("backspace enter", None),
    ],
)
def test_a_number_is_typed(keys: str, answer: int | None) -> None:
    menu = Digits(0, 120)
    assert press(menu, *keys.split()) == (None if answer is None else (answer,))
    assert bool(menu.hint) == (answer is None)


def test_a_number_may_be_unknown() -> None:
    assert press(Digits(0, 120), "5", "d") == (None,)
