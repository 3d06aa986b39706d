"""What may be done and is hardly ever meant: it is asked for again in words, and done when somebody decides so.

Whoever does such a thing raises ``Doubtful`` before anything is written; the same order with these ``decided`` is
done, and the journal keeps the decision.
"""
