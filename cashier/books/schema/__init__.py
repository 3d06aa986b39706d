"""The schema of all books: its revision, its migrations, and what each account of PostgreSQL may do with it."""
