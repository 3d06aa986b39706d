"""The companion: receives Stripe's webhooks, finishes what was left unfinished, and tells how things are."""
