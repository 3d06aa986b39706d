"""The demo: an invented hospital, run from one command."""
