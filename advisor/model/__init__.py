"""Values: facts, conditions, answers, and everything that is known. They compute, but read and write nothing."""
