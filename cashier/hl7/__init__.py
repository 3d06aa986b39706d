"""HL7 version 2: what the hospital's system says about charges and patients, taken in once and answered."""
