"""The patients of invoices: who is called the same, and who turned out to be one."""
