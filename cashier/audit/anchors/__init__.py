"""Anchors: the journal's newest number and hash, kept where nobody can change them together with the books."""
