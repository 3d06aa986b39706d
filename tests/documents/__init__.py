"""The documents of the integration: alike in both languages, and true."""
