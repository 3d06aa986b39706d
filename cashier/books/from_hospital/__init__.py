"""What comes from the hospital's other systems, beside the invoices themselves: their messages, as they came."""
