"""How long `check` takes, in runs of `advise`: whole processes, taken in turns.

python benchmarks/check_speed.py [ROUNDS]
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

COMMAND = Path(sys.executable).parent / "nutrient-advisor"
EXAMPLE = Path(__file__).parent.parent / "examples" / "night-cramps.yaml"


def seconds(*arguments: str | Path) -> float:
    """Run the installed command once; return how long it took."""
    started = time.perf_counter()
    subprocess.run([COMMAND, *arguments], check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    """Measure and print the ratio of the best rounds."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    pairs = [(seconds("advise", EXAMPLE), seconds("check")) for _ in range(rounds)]
    advise, check = (min(times) for times in zip(*pairs, strict=True))
    print(f"advise {advise:.2f} s, check {check:.2f} s: {check / advise:.1f} times (wanted: less than 15)")


if __name__ == "__main__":
    main()
