"""The page on which patients pay one invoice away from every desk: its links, and what the page may do."""
