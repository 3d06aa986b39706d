"""The API for the hospital's other systems: operations, who may call them, and what is said when one fails."""
