"""The till: the page of a cashier who is signed in, with what is around the list of invoices."""
