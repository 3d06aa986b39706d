"""The API, called by a plain client over HTTP."""
