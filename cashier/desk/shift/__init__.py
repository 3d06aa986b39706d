"""Shifts at the desk: opening, cash in and out, counting blind, closing, and the reports."""
