"""Patients: who is who, by more than a name."""
