"""What fingers need where no keyboard is at hand."""
