"""The situations of a payment: what is said in each, by moment, and where its buttons stand."""
