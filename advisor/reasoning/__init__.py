"""What follows from answers, why, and what to ask next."""
