"""Tables: models of rows and pages, and the page that is a filtered list."""
