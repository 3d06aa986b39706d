"""Invoices: what is owed, by whom; finding one in a million, and taking them in from the hospital's system."""
