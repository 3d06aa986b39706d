"""A stateful stand-in for Stripe, faithful to one version of its API, for tests, the demo and training.

It is a package of its own: it imports nothing of the application but ``money`` and ``errors``, and the application
knows only its address. ``server`` carries HTTP; ``engine/`` does everything that all requests have in common (keys,
versions, idempotency, parameters, ``expand``, errors) and holds the one registry of ``operations``; each resource is
a module in ``objects/``, ``checkout/`` or ``terminal/``.

A request is one transaction: its objects, events, webhook deliveries and idempotency record are committed together
before the answer is sent. All work is synchronous, on one thread, so nothing interleaves.

**A resource** registers its operations and is named in ``catalogue.RESOURCES``::

    @operation("POST", "/v1/refunds/{refund}/cancel")
    def cancel(account: Account, params: Json, refund_id: str) -> Json:

The path is written as in the description; its placeholders arrive as arguments, in order. ``params`` are checked
and typed already: unknown, missing and malformed parameters never get here, an empty value that unsets is ``None``,
``expand`` is gone. For a list use ``lists.answer_list``, for a search ``search.answer_search``, for metadata
``parameters.merged_metadata``, for a field that is only answered when expanded ``operations.includable``.

**An object** is built with ``skeletons.skeleton("refund", id=new_id("re"), …)``: every documented key is there, and a
missing required or an unknown one raises. ``account.add`` adds it, ``account.save`` replaces it, ``account.delete``
leaves Stripe's stub. Objects hold ids of others, never the others; ``expand`` resolves them. What must never be
answered (how a test card behaves, a signing secret) goes into the private part: ``account.add(object, private)``,
``account.private(id)``.

**An event**: ``account.emit("refund.updated", refund, changes(before, refund))`` after saving. It carries the object
as it is at that moment and is lined up for every endpoint that wants it.

**A failure**: raise what ``failures`` and ``declines`` offer: ``invalid``, ``no_such``, ``missing_parameter``,
``declined``. The request's changes are undone, except with ``keeps_changes=True``, which declines of a payment use.
``account.fetch(kind, id)`` raises ``resource_missing`` by itself: 404 for the path, 400 with ``param=``.
``account.fetch_existing`` does so for deleted objects too. What the description has but cannot apply to an account
with cards only is refused in ``not_offered``.

**Later**: ``account.later(seconds, "session expires", id)`` puts something on the agenda, and
``@agenda_action("session expires")`` says what: an expiry, a refund that fails after days. Use ``account.now`` for
the time, never the system's clock: tests move it.

**Paying**: ``payment_intents.new_intent`` builds an intent, ``payment_attempts.attempt`` pays it, whoever asks: API,
Checkout page or reader. ``@when_concluded`` (after each attempt that ended) and ``@charges.when_charged`` (after each
successful charge) let another room follow, such as a Checkout Session or a dispute.

**A page** for people is a function ``(account) -> routes`` in ``catalogue.PAGES``. Its handlers work inside
``with account.transaction():`` and call the same functions as the API; ``page_design`` gives it frame, style and
headers. The Checkout page at ``/c/pay/SESSION`` calls ``checkout_payment.submit``. An intent that a session made is
the session's alone while that is open: ``checkout_ownership``. The 3-D Secure page at
``/3ds/authenticate/CHALLENGE`` calls ``authentication.answer_challenge`` and sends the customer to
``authentication.return_address``; another kind of intent joins with ``@answers_challenge``.

The description of the API is data: ``engine/api_description.json.gz``, which
``python -m cashier.sandbox.engine.api_description`` makes.
"""
