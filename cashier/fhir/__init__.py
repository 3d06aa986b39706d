"""FHIR, R4 and R5: invoices with their patients, as other systems send them."""
