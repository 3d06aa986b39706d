"""Setting Cashier up and looking after it from the command line."""
