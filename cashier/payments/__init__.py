"""Payments: one table of states, and the verbs begin, follow, refresh, cancel and recover."""
