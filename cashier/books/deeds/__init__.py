"""Deeds: everything that the journal can tell, each a frozen value with typed facts.

A deed's fields are its facts, by the names under which the journal keeps them. What a deed is called and what its
facts are called is hashed into the chain, so neither is ever changed: another fact is another field, with a default.
"""
