"""The hospital and its desks: what every receipt names, shared by all machines through the database."""
