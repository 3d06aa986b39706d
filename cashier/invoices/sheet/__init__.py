"""An invoice on paper, as the books know it at one moment: its services, what was paid, and what is left."""
