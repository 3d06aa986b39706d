"""The API against its own description: ``make contract``."""
