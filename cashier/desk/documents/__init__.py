"""Documents at the desk: shown, printed, saved, and exported as tables."""
