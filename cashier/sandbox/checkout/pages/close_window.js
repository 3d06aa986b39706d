// Only a window that a page has opened can be closed by its page; elsewhere this does nothing.
window.close();
