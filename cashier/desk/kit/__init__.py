"""The kit of all windows: controls, icons, style, places of dialogs, words that many rooms use."""
