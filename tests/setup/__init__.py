"""Tests of the commands that set a hospital up and keep it."""
