"""The page on which patients pay, over HTTP: what it says, what its script may ask, and who is kept out."""
