"""From text to the model: symptom files, knowledge and rules, read strictly and with positions."""
