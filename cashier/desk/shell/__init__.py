"""The shell: the application, its main window, signing in, and what protects the screen."""
