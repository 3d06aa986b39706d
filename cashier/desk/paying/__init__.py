"""Taking a payment: what is paid, by which tender, and what became of it."""
