"""The audit: whether journal, receipts, payments, refunds and balances agree, to the last cent."""
