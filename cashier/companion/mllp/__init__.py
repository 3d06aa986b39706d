"""MLLP: the hospital's system sends messages of HL7 over a connection of its own, and is answered on it."""
