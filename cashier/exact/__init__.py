"""Numbers as other systems write them: digits and decimals, never a float."""
