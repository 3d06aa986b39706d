"""Money that went away again after it had come: who bears it, decided once, with a paper for the file."""
