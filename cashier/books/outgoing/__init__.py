"""What the hospital's other systems are told: events of money, and where they are sent."""
