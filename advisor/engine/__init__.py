"""Forward chaining: from facts to the rules that fire."""
