"""The only door to Stripe: our orders in, frozen values and our errors out.

``client`` holds the connection and turns Stripe's errors into ours, ``checkout`` and ``intents`` open and
close payments, ``customers`` keeps saved cards, ``reading`` turns Stripe's objects into ours, ``webhooks``
checks signatures. Nothing else imports ``stripe``.
"""
