"""What patients pay with: one row a tender. What differs between tenders is a column, or a verb of its channel."""
