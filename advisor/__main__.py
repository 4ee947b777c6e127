"""`python -m advisor` is `nutrient-advisor`."""

from advisor.cli.commands import main

if __name__ == "__main__":
    main()
