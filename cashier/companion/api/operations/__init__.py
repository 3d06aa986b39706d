"""What callers can do, one module a group: each has its handlers, and the rows that serve and describe them."""
