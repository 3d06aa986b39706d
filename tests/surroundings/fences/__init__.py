"""What no test may do unnoticed: reach beyond this machine, leave a process behind, log what nobody expected."""
