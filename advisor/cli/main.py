"""The entry point: runs a command, and makes an exit code and a plain sentence of however it ends.

Exit codes: 0 done; 1 `check` found a fault, or `diff` a difference; 2 the command or an input file is unusable (nothing
written); 3 `batch` rejected some cases (the others are all in the output); 130 interrupted.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from pathlib import Path
from typing import NoReturn

import click

from advisor.cli import authoring, commands
from advisor.cli.options import cli
from advisor.cli.printing import complain
from advisor.diagnostics import AdvisorError

for command in (*commands.COMMANDS, *authoring.COMMANDS):
    cli.add_command(command)


def main() -> NoReturn:
    """Run the command line and exit, with a plain sentence instead of a traceback whatever happens."""
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115
    if sys.stdout is None:
        complain("Error: standard output is closed")
        sys.exit(2)
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal of another encoding shows what it can
    output = sys.stdout
    try:
        code = cli.main(prog_name="nutrient-advisor", standalone_mode=False) or 0
        sys.stdout.flush()
    except click.ClickException as error:
        with contextlib.suppress(OSError):
            error.show()
        code = 2
    except AdvisorError as error:
        located = any(diagnostic.location for diagnostic in error.diagnostics)
        complain(str(error) if located else f"Error: {error}")
        code = 2
    except (click.Abort, KeyboardInterrupt):
        code = 130
    except OSError as error:
        complain(f"Error: the output could not be written: {error.strerror}")
        code = 2
    except SystemExit as error:
        # Where whoever read our output has read enough, click puts another stream in place and exits with 1, which
        # would mean a fault here
        code = 0 if sys.stdout is not output else error.code if isinstance(error.code, int) else 2
    if code:  # or the interpreter would flush it once more while exiting, and complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(code)
