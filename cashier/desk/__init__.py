"""The windows of a cashier's desk: everything Qt."""
