"""Paper: the drawing kit of all documents, with typeface, sheets and stamps. It knows no hospital."""
