"""`python -m advisor` is `nutrient-advisor`."""

from advisor.cli import main

if __name__ == "__main__":
    main()
