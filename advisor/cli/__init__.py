"""The command line: parses arguments, calls the package, prints. Whatever it can do, the package does first.

`main` is the entry point; `commands` has what people ask of a case, `authoring` what rule authors ask of a rule base.
"""

from advisor.cli.main import main

__all__ = ["main"]
