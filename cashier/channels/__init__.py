"""By which way money is asked for, one module each: check, open, ask, look, withdraw, block."""
