"""A link for the patient: shown as a code, copied for an e-mail, ended."""
