"""Events of money: put in order, signed, sent until they are there."""
