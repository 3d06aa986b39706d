"""Tests of the auditor's program, from outside: real books, real manipulations, another process."""
