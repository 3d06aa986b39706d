"""The page on which patients pay, over HTTP."""
