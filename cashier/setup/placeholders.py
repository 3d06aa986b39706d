"""What stands for a value in the help of our commands, such as ``--desk-code CODE``."""

from __future__ import annotations

from cashier.language import mc

ACTION = mc("placeholder", "ACTION")
ADDRESS = mc("placeholder", "ADDRESS")
AMOUNT = mc("placeholder", "AMOUNT")
CODE = mc("placeholder", "CODE")
DAY = mc("placeholder", "DAY")
EXTRAS = mc("placeholder", "EXTRAS")
FILE = mc("placeholder", "FILE")
ID = mc("placeholder", "ID")
KEY = mc("placeholder", "KEY")
LANGUAGE = mc("placeholder", "LANGUAGE")
MOMENT = mc("placeholder", "MOMENT")
NAME = mc("placeholder", "NAME")
NUMBER = mc("placeholder", "NUMBER")
READER = mc("placeholder", "READER")
ROLE = mc("placeholder", "ROLE")
SCOPE = mc("placeholder", "SCOPE")
TEXT = mc("placeholder", "TEXT")
ZONE = mc("placeholder", "ZONE")
