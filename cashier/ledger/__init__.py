"""The double-entry ledger: what the journal tells of money, as debits and credits, and its files for accountants.

It is derived, never stored: the journal only grows, so that what a day's entries come to never changes.
"""
