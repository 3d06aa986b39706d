"""Results out: events of money are put in order, told to other systems, and sent again until they are there."""
