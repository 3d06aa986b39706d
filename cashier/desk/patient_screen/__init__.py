"""The second screen, which faces the patient: what is to pay, what happens, what was paid."""
