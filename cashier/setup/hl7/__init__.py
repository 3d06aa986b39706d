"""Messages of HL7 at the command line."""
