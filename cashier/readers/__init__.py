"""Card readers: which desk has which, and whether they are ready."""
