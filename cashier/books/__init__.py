"""The books: every table with its states, the journal, and who may write what. Services stand above, never beside."""
