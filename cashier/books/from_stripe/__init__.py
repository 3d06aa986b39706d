"""What comes from Stripe: events, how far they were read, and the reports that Stripe's objects become."""
