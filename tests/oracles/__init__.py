"""Independent answers to the questions that waakzaam answers."""
