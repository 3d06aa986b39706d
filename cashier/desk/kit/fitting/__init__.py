"""What finds its own room: rows that break, and figures that get smaller before they are cut."""
