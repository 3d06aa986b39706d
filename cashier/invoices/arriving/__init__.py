"""Many invoices at once: files, and whatever sends line by line."""
