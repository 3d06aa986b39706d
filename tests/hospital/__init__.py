"""Tests of the hospital and its desks."""
