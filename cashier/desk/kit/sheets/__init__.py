"""What opens above a page: sheets that lie in the window itself."""
