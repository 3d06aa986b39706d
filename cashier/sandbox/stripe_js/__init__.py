"""The stand-in for Stripe.js: the script for merchants' pages, and the Payment Element in a frame of its origin."""
