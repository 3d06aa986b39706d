"""The patients of invoices."""
