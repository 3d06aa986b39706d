"""Staff: who may sign in, and how."""
