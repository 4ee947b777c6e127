"""The command line."""

from advisor.cli.commands import main

__all__ = ["main"]
