"""Advice, findings and rules, shown to people. Reads finished objects; concludes nothing."""
