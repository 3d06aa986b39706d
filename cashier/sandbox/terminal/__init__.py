"""Terminal: card readers, what they are told, and the cards that are held to them."""
