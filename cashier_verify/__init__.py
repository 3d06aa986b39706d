"""An auditor's program: reads Cashier's books from outside, and says what was changed past it.

It needs nothing but Python's standard library, takes nothing from Cashier, and never writes. It reads an SQLite file
or the folder of an export from PostgreSQL, and compares the records with the journal, the journal with itself, and
the journal with anchors: numbers and hashes of its entries that left the machine.
"""
