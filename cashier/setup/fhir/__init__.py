"""Invoices from files of FHIR."""
