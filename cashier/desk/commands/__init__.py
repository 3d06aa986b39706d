"""What a person can order by a key: one table, and everything that follows from it."""
