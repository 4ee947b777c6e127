"""Tools for whoever maintains a rule base: check, diff, coverage."""
