"""FHIR over HTTP: invoices taken in, answered by an OperationOutcome."""
