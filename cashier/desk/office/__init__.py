"""The rooms of administrators and auditors: the staff, and the journal."""
