"""Prints a hash of the advice for two thousand random people, to be compared between Pythons and platforms."""

from __future__ import annotations

import hashlib
import random

import oracle

import advisor


def main() -> None:
    rng = random.Random(1)
    advising = advisor.load()
    digest = hashlib.sha256()
    for _ in range(2_000):
        digest.update(advisor.to_json(advising.advise(oracle.random_answers(rng))) + b"\n")
    print(digest.hexdigest())


if __name__ == "__main__":
    main()
