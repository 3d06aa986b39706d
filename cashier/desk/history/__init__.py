"""Payment history: the payments of a patient, a desk or all desks, with the story of each."""
