"""Named breaks of the rules of money, and the measure of how many of them the tests notice."""
