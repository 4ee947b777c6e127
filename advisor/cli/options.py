"""The command group, and the options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

import advisor

PATH: Final = click.Path(path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(advisor.__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Possible nutrients to discuss with a doctor, from reported symptoms.

    Rules drawn from one article match what you report and say which nutrients may be worth discussing, why, what to be
    careful about and when to seek care. This is information, not a diagnosis.
    """


def with_knowledge(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that choose another knowledge or rules folder."""
    rules = click.option("--rules", type=PATH, metavar="DIR", help="Use the rules in this folder.")
    knowledge = click.option("--knowledge", type=PATH, metavar="DIR", help="Use the knowledge in this folder.")
    return knowledge(rules(command))


def with_format(*choices: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add the option that chooses among forms; text is the default."""
    return click.option(
        "--format", "form", type=click.Choice(choices), default="text", show_default=True, help="How to write it."
    )
