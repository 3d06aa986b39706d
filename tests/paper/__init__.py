"""Tests of the drawing kit of all documents."""
