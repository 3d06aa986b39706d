"""The list of the till: a row a patient, below which the bills are folded in."""
