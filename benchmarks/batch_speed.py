"""How fast `batch` is, compared with two other rule engines and with plain reading and writing, in one run.

    pip install -e '.[benchmark]'
    python benchmarks/batch_speed.py

The people are random: each finding is a yes with probability 0.25. `batch` is the installed command as a whole process,
start-up included, with one worker for each core. The other engines (clipspy, zen-engine) run the same rules in this
process and only conclude: no trace, and nothing is written. They are timed on a sample, after a check that they
conclude the same as we do. The loop parses each line with orjson and writes as many bytes as `batch` did. Each figure
is the best of some rounds, in which everything takes its turn. Only the ratios count, as machines differ in speed.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import clips
import msgspec
import orjson
import zen

import advisor
from advisor.model.knowledge import Knowledge
from advisor.reasoning.support_sets import SupportSets
from advisor.source.symptom_file import of

COMMAND = Path(sys.executable).parent / "nutrient-advisor"
Texts = frozenset[str]  # conclusions as texts, which is how the other engines know facts


def people(knowledge: Knowledge, number: int) -> Iterable[dict[str, Any]]:
    """Yield random answers."""
    rng = random.Random(7)
    for _ in range(number):
        answers: dict[str, Any] = {}
        for finding in knowledge.findings:
            if rng.random() < 0.25:
                ages, some = rng.randrange(18, 95), rng.choice(knowledge.nutrients).id
                answers[finding.id] = {"number": ages, "nutrients": [some]}.get(finding.kind, True)
        yield answers


def clipspy(knowledge: Knowledge) -> Callable[[Iterable[str]], Texts]:
    """Return the rules in CLIPS: facts in, conclusions out."""
    environment = clips.Environment()
    environment.build("(deftemplate fact (slot is))")
    concluded: set[str] = set()
    environment.define_function(concluded.add, "conclude")
    matches = [(rule, alternative) for rule in knowledge.rules for alternative in rule.alternatives]
    for number, (rule, alternative) in enumerate(matches):
        conditions = " ".join(f'(fact (is "{fact}"))' for fact in alternative)
        derived = f'(assert (fact (is "{rule.concludes}")))' if rule.verb in ("derive", "suggest") else ""
        environment.build(f'(defrule r{number} {conditions} => {derived} (conclude "{rule.concludes}"))')
    template = environment.find_template("fact")

    def conclude(facts: Iterable[str]) -> Texts:
        concluded.clear()
        environment.reset()
        for fact in facts:
            template.assert_fact(**{"is": fact})
        environment.run()
        return frozenset(concluded)

    return conclude


def zen_engine(knowledge: Knowledge) -> Callable[[Iterable[str]], Texts]:
    """Return the rules as one zen decision table. It does not chain, so each row has a support set as its condition."""
    support_sets = SupportSets(knowledge)
    rows = [
        (support_set, rule.concludes)
        for rule in knowledge.rules
        for alternative in rule.alternatives
        for support_set in support_sets.of_all(rule, alternative)
    ]
    column = {fact: f"f{place}" for place, fact in enumerate(knowledge.reported_by)}
    inputs = [{"id": name, "name": str(fact), "field": name} for fact, name in column.items()]
    table = {
        "hitPolicy": "collect",
        "inputs": inputs,
        "outputs": [{"id": "out", "name": "out", "field": "out"}],
        "rules": [
            {
                "_id": str(number),
                **{name: "true" if fact in support_set else "" for fact, name in column.items()},
                "out": f'"{concluded}"',
            }
            for number, (support_set, concluded) in enumerate(rows)
        ],
    }
    graph = {
        "nodes": [
            {"id": "in", "name": "in", "type": "inputNode"},
            {"id": "table", "name": "table", "type": "decisionTableNode", "content": table},
            {"id": "out", "name": "out", "type": "outputNode"},
        ],
        "edges": [
            {"id": "1", "sourceId": "in", "targetId": "table", "type": "edge"},
            {"id": "2", "sourceId": "table", "targetId": "out", "type": "edge"},
        ],
    }
    decision = zen.ZenEngine().create_decision(msgspec.json.encode(graph).decode())
    nothing = dict.fromkeys(column.values(), False)
    column_of_text = {str(fact): name for fact, name in column.items()}

    def conclude(facts: Iterable[str]) -> Texts:
        given = {**nothing, **{column_of_text[fact]: True for fact in facts if fact in column_of_text}}
        return frozenset(row["out"] for row in decision.evaluate(given)["result"])

    return conclude


def batch(source: Path, output: Path, *options: str) -> float:
    """Run the installed command; return how long it took, in seconds."""
    output.unlink(missing_ok=True)  # so that removing it is not part of the time
    started = time.perf_counter()
    subprocess.run([COMMAND, "batch", source, "--output", output, *options], check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def loop(source: Path, output: Path, size: int, cases: int) -> float:
    """Parse each line, and write a share of `size` bytes after it; return how long it took, in seconds."""
    output.unlink(missing_ok=True)
    share = b"x" * (size // cases)
    started = time.perf_counter()
    with source.open("rb") as lines, output.open("wb") as target:
        for line in lines:
            orjson.loads(line)
            target.write(share)
    return time.perf_counter() - started


def engine(
    make: Callable[[Knowledge], Callable[[Iterable[str]], Texts]],
    knowledge: Knowledge,
    sample: Sequence[Sequence[str]],
) -> float:
    """Return how long an engine takes for one case of the sample, in seconds.

    It is built again for every thousand cases, which is not counted, because clipspy becomes slower and slower.
    """
    taken = 0.0
    for start in range(0, len(sample), 1000):
        conclude = make(knowledge)
        started = time.perf_counter()
        for facts in sample[start : start + 1000]:
            conclude(facts)
        taken += time.perf_counter() - started
    return taken / len(sample)


def peak(source: Path, output: Path, *options: str) -> int:
    """Return the most memory that the command and its workers had at once, in bytes; shared pages count once."""
    output.unlink(missing_ok=True)
    process = subprocess.Popen([COMMAND, "batch", source, "--output", output, *options], stderr=subprocess.DEVNULL)
    most = 0
    while process.poll() is None:
        most = max(most, sum(map(proportional, [process.pid, *children(process.pid)])))
        time.sleep(0.02)
    return most


def children(pid: int) -> list[int]:
    """Return the workers of a process."""
    try:
        return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    except OSError:
        return []


def proportional(pid: int) -> int:
    """Return the proportional set size of a process in bytes. The cached pages of the output do not count."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def write_people(knowledge: Knowledge, number: int, path: Path) -> None:
    """Write so many people as JSON Lines."""
    with path.open("wb") as stream:
        for place, answers in enumerate(people(knowledge, number)):
            stream.write(msgspec.json.encode({"case": f"case {place}", "findings": answers}) + b"\n")


def speed(folder: Path, advising: advisor.Advisor, cases: int, sample: int, rounds: int) -> None:
    """Print the ratios of speed."""
    knowledge = advising.knowledge
    source, output = folder / "in.jsonl", folder / "out.jsonl"
    write_people(knowledge, cases, source)
    some = list(people(knowledge, sample))
    facts = [tuple(map(str, of(answers, knowledge).facts(knowledge))) for answers in some]
    engines = {make.__name__: make for make in (clipspy, zen_engine)}
    for name, make in engines.items():
        conclude = make(knowledge)
        for answers, reported in list(zip(some, facts, strict=True))[:500]:
            ours = {step.concludes for step in advising.advise(answers).trace}
            if conclude(reported) != ours:
                sys.exit(f"{name} does not conclude what we conclude; its speed means nothing")
    timed: dict[str, list[float]] = {}
    for _ in range(rounds):
        timed.setdefault("full", []).append(batch(source, output))
        timed.setdefault("loop, full", []).append(loop(source, folder / "loop", output.stat().st_size, cases))
        timed.setdefault("compact", []).append(batch(source, output, "--compact"))
        timed.setdefault("loop, compact", []).append(loop(source, folder / "loop", output.stat().st_size, cases))
        for name, make in engines.items():
            timed.setdefault(name, []).append(engine(make, knowledge, facts) * cases)
    best = {name: min(times) for name, times in timed.items()}
    print(f"{cases:,} cases; best of {rounds} rounds, in seconds (engines: {sample:,} cases, scaled)")
    for name, seconds in best.items():
        rounded = ", ".join(f"{time:.2f}" for time in timed[name])
        print(f"  {name:14} {seconds:8.2f}   {cases / seconds:>10,.0f} cases a second   ({rounded})")
    for form, wanted in (("full", {"clipspy": 6, "zen_engine": 5}), ("compact", {"clipspy": 20, "zen_engine": 18})):
        for name, least in wanted.items():
            print(f"  {form} is {best[name] / best[form]:.1f} times as fast as {name} (wanted: {least})")
        print(f"  {form} takes {best[form] / best[f'loop, {form}']:.2f} times as long as the loop")


def memory(folder: Path, knowledge: Knowledge, small: int, large: int) -> None:
    """Print how peak memory grows with the input."""
    for options in ((), ("--compact",)):
        peaks = []
        for number in (small, large):
            source = folder / f"{number}.jsonl"
            if not source.exists():
                write_people(knowledge, number, source)
            peaks.append(peak(source, folder / "out.jsonl", *options))
        megabytes = " and ".join(f"{size / 1e6:.0f} MB" for size in peaks)
        form, growth = (options[0][2:] if options else "full"), peaks[1] / peaks[0]
        print(f"  {form}, {small:,} and {large:,} cases: {megabytes}, {growth:.2f} times (wanted: 1.2)")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=200_000)
    parser.add_argument("--sample", type=int, default=5_000, help="cases for the other engines")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", type=int, default=1_000_000, help="cases to measure memory with; 0: none")
    arguments = parser.parse_args()
    advising = advisor.load()
    with tempfile.TemporaryDirectory() as folder:
        speed(Path(folder), advising, arguments.cases, arguments.sample, arguments.rounds)
        if arguments.memory:
            memory(Path(folder), advising.knowledge, 10_000, arguments.memory)


if __name__ == "__main__":
    main()
