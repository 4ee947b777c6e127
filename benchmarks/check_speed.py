"""How long `check` and `diff` take, in runs of `advise`: whole processes, taken in turns.

    python benchmarks/check_speed.py [ROUNDS]

`diff` compares what ships with a copy in which fatigue stands for cramps in every rule that asks for them alone.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMAND = Path(sys.executable).parent / "nutrient-advisor"
ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "night-cramps.yaml"


def seconds(*arguments: str | Path, code: int = 0) -> float:
    """Run the installed command once, which is to end with `code`; return how long it took."""
    started = time.perf_counter()
    done = subprocess.run([COMMAND, *arguments], check=False, capture_output=True)
    taken = time.perf_counter() - started
    if done.returncode != code:
        sys.exit(done.stderr.decode())
    return taken


def main() -> None:
    """Measure and print the ratios of the best rounds."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as folder:
        for name in ("knowledge", "rules"):
            shutil.copytree(ROOT / name, Path(folder) / name)
        for path in (Path(folder) / "rules").iterdir():
            path.write_text(path.read_text("utf-8").replace("when: muscle_cramps\n", "when: fatigue\n"), "utf-8")
        times = [
            (seconds("advise", EXAMPLE), seconds("check"), seconds("diff", ROOT, folder, code=1)) for _ in range(rounds)
        ]
    advise, check, diff = (min(column) for column in zip(*times, strict=True))
    print(f"advise {advise:.2f} s")
    print(f"check  {check:.2f} s: {check / advise:.1f} times (wanted: less than 15)")
    print(f"diff   {diff:.2f} s: {diff / advise:.1f} times (wanted: less than 15)")


if __name__ == "__main__":
    main()
