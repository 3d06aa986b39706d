"""Tests of telling scans from typing."""
