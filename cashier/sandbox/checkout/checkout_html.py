"""The HTML of the Checkout page: what is paid on one side, the form on the other. It works without JavaScript.

The page speaks English whatever the session's locale is.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from aiohttp import web

from cashier.money import Money
from cashier.sandbox.checkout.checkout_form import Complaints, Typed
from cashier.sandbox.checkout.page_design import amount_of, page
from cashier.sandbox.engine.failures import Json
from cashier.sandbox.objects.method_types import DEBITS, METHOD_TYPES
from cashier.sandbox.objects.vouchers import VOUCHERS

_NEW_CARD = "new"
_BRANDS = {
    "amex": "American Express", "diners": "Diners Club", "discover": "Discover", "jcb": "JCB",
    "mastercard": "Mastercard", "unionpay": "UnionPay", "visa": "Visa",
}  # fmt: skip
COUNTRIES = {
    "AT": "Austria", "AU": "Australia", "BE": "Belgium", "BR": "Brazil", "CA": "Canada", "CH": "Switzerland",
    "CZ": "Czechia", "DE": "Germany", "DK": "Denmark", "ES": "Spain", "FI": "Finland", "FR": "France",
    "GB": "United Kingdom", "GR": "Greece", "HU": "Hungary", "IE": "Ireland", "IN": "India", "IT": "Italy",
    "JP": "Japan", "MX": "Mexico", "NL": "Netherlands", "NO": "Norway", "NZ": "New Zealand", "PL": "Poland",
    "PT": "Portugal", "RO": "Romania", "SE": "Sweden", "SG": "Singapore", "US": "United States",
}  # fmt: skip
"""Where a card may come from, on the pages that ask."""

_HINTS = """<h2>Cards for testing</h2>
<dl>
<dt>4242 4242 4242 4242</dt><dd>is accepted</dd>
<dt>4000 0000 0000 0002</dt><dd>is declined</dd>
<dt>4000 0027 6000 3184</dt><dd>asks for 3-D Secure</dd>
</dl>
<p>With any later date and any security code. Numbers are neither stored nor logged.</p>"""
_LEGAL = " · ".join(
    f'<a id="{which}" target="_blank" rel="noopener" href="/legal/{which}">{words}</a>'
    for which, words in (("terms", "Terms"), ("privacy", "Privacy"))
)
"""As on Stripe's page, where these links lead to pages of other hosts."""
_DEBIT_HINTS = """<h2>Accounts for testing</h2>
<dl>
<dt>DE89 3704 0044 0532 0130 00</dt><dd>is paid</dd>
<dt>DE62 3704 0044 0532 0130 01</dt><dd>is refused</dd>
<dt>DE35 3704 0044 0532 0130 02</dt><dd>is taken back</dd>
<dt>110000000 · 000123456789</dt><dd>is paid</dd>
</dl>
<p>Three days later, by the sandbox's clock, which its control moves ahead.</p>"""
_VOUCHER_HINTS = """<h2>E-mail addresses for testing vouchers</h2>
<dl>
<dt>succeed_immediately@…</dt><dd>is paid</dd>
<dt>expire_immediately@…</dt><dd>runs out</dd>
<dt>fill_never@…</dt><dd>runs out in days</dd>
</dl>
<p>Any other is paid after three minutes. The voucher's page has buttons for both.</p>"""


@dataclass(frozen=True, kw_only=True)
class CheckoutView:
    """Everything that the page shows."""

    session: Json
    items: list[Json]
    business_name: str
    email: str | None
    saved_cards: list[Json]
    offers_saving: bool
    typed: Typed
    complaints: Complaints
    challenge_url: str | None
    month: str


def checkout_page(view: CheckoutView) -> web.Response:
    """Answer the page of an open session."""
    session = view.session
    content = f"""<main class="checkout">
{_summary(view)}
<form class="payment" id="payment" method="post" action="/c/pay/{escape(session["id"])}" data-month="{view.month}"
 novalidate>
{_message(view)}
{_email_field(view)}
<fieldset class="methods"><legend>{"How you pay" if _others(view) else "Card"}</legend>
{_methods(view)}
{_card_fields(view)}
{_account_fields(view)}
</fieldset>
<button type="submit" class="button" id="pay" data-busy="Processing…">{escape(_action(session))}</button>
</form>
<aside class="hints">
{_HINTS}
{_DEBIT_HINTS if DEBITS & {*_others(view)} else ""}
{_VOUCHER_HINTS if VOUCHERS.keys() & {*_others(view)} else ""}
</aside>
</main>"""
    leads_to = (session["success_url"], session["cancel_url"])
    return page(
        f"{_action(session)} · {view.business_name}",
        content,
        scripts=("card_typing.js", "checkout.js"),
        leads_to=leads_to,
    )


def bank_window_page(session: Json, challenge_url: str) -> web.Response:
    """Answer the page that opens the challenge in a window of its own, and that asks every second how it went."""
    window = f"{escape(challenge_url)}?window"
    again = f"/c/pay/{session['id']}/bank?opened"
    content = f"""<main class="notice">
<h1>Your bank asks you to confirm</h1>
<p>It does so in a window of its own. When that is done, this page goes on by itself.</p>
<a class="button" id="openChallenge" target="_blank" rel="opener" href="{window}">Open the window</a>
</main>"""
    response = page("Waiting for your bank", content, scripts=("bank_window.js",))
    response.headers["Refresh"] = f"1; url={again}"
    return response


def card_label(card: Json) -> str:
    """Name a card as customers know it: brand and last four digits."""
    return f"{_BRANDS.get(card['brand'], 'Card')} •••• {card['last4']}"


def _action(session: Json) -> str:
    return f"Pay {amount_of(session)}" if session["mode"] == "payment" else "Save card"


def _summary(view: CheckoutView) -> str:
    session = view.session
    cancel = session["cancel_url"]
    back = f'<a id="back" href="{escape(cancel)}">← Back</a>' if cancel else ""
    rows = "".join(
        f"<li><span>{escape(item['description'])}{_times(item)}</span>"
        f"<span>{escape(str(Money(item['amount_total'], item['currency'].upper())))}</span></li>"
        for item in view.items
    )
    if session["mode"] == "payment":
        purpose = f'<p class="amount" id="amount">{escape(str(amount_of(session)))}</p><ul class="items">{rows}</ul>'
    else:
        purpose = '<p class="purpose">Save a card for later. Nothing is charged now.</p>'
    return f"""<section class="summary" aria-label="What this is for">
{back}
<h1>{escape(view.business_name)}</h1>
{purpose}
<p class="legal">{_LEGAL}</p>
</section>"""


def _others(view: CheckoutView) -> list[str]:
    """Return the types beside cards that can be chosen."""
    return [kind for kind in view.session["payment_method_types"] if kind in METHOD_TYPES]


def _times(item: Json) -> str:
    return f" <small>× {item['quantity']}</small>" if item["quantity"] > 1 else ""


def _message(view: CheckoutView) -> str:
    if view.complaints.message:
        return f'<p class="decline-message" role="alert">{escape(view.complaints.message)}</p>'
    if view.challenge_url:
        return (
            '<p class="waiting-message" role="status">Your bank has not confirmed the last attempt yet. '
            f'<a id="continue" href="{escape(view.challenge_url)}">Confirm it now</a>, or pay again below.</p>'
        )
    return ""


def _email_field(view: CheckoutView) -> str:
    if view.email:
        return f'<p class="known"><span>E-mail</span> <strong id="knownEmail">{escape(view.email)}</strong></p>'
    return _field(
        "email",
        "E-mail <small>(optional)</small>",
        'type="email" autocomplete="email" inputmode="email"',
        view,
        value=view.typed.email,
    )


def _methods(view: CheckoutView) -> str:
    """Write what can be chosen: saved cards, a typed card, and other types; nothing where there is no choice."""
    others = _others(view)
    if not view.saved_cards and not others:
        return ""
    chosen = view.typed.method or (view.saved_cards[0]["id"] if view.saved_cards else _NEW_CARD)
    rows = [
        _choice(
            f"saved-{method['id']}",
            method["id"],
            f"{card_label(method['card'])} <small>{method['card']['exp_month']:02d} / "
            f"{method['card']['exp_year'] % 100:02d}</small>",
            "saved-card",
            checked=method["id"] == chosen,
        )
        for method in view.saved_cards
    ]
    label = "Another card" if view.saved_cards else "Card"
    rows.append(_choice("newCard", _NEW_CARD, label, "new-card", checked=chosen == _NEW_CARD))
    rows += [_choice(kind, kind, METHOD_TYPES[kind].name, "other", checked=chosen == kind) for kind in others]
    return "".join(rows)


def _choice(element_id: str, value: str, label: str, kind: str, *, checked: bool) -> str:
    mark = " checked" if checked else ""
    return (
        f'<label class="choice {kind}"><input type="radio" name="method" id="{escape(element_id)}" '
        f'value="{escape(value)}"{mark}><span>{label}</span></label>'
    )


def _card_fields(view: CheckoutView) -> str:
    number = _field(
        "cardNumber",
        "Card number",
        'type="text" inputmode="numeric" autocomplete="cc-number" maxlength="23" placeholder="1234 1234 1234 1234"',
        view,
    )
    expiry = _field(
        "cardExpiry",
        "Expires",
        'type="text" inputmode="numeric" autocomplete="cc-exp" maxlength="9" placeholder="MM / YY"',
        view,
    )
    cvc = _field(
        "cardCvc",
        "Security code",
        'type="text" inputmode="numeric" autocomplete="cc-csc" maxlength="4" placeholder="CVC"',
        view,
    )
    name = _field(
        "billingName",
        "Name <small>(optional for cards)</small>" if _others(view) else "Name on card <small>(optional)</small>",
        'type="text" autocomplete="cc-name"',
        view,
        value=view.typed.name,
    )
    postal = _field(
        "billingPostalCode",
        "Postal code <small>(optional)</small>",
        'type="text" autocomplete="billing postal-code"',
        view,
        value=view.typed.postal_code,
    )
    return f"""<div class="card-fields">
{number}
<div class="pair">{expiry}{cvc}</div>
</div>
<div class="billing-fields">
{name}
<div class="pair card-only">{_country_field(view)}{postal}</div>
<div class="card-only">{_consent(view)}</div>
</div>"""


def _account_fields(view: CheckoutView) -> str:
    """Write the fields of the accounts that can be debited; the style sheet shows those of the chosen method."""
    typed = 'type="text" autocomplete="off" spellcheck="false"'
    fields = {
        "sepa_debit": _field("iban", "IBAN", f'{typed} placeholder="DE89 3704 0044 0532 0130 00"', view),
        "us_bank_account": '<div class="pair">'
        + _field("routing_number", "Routing number", f'{typed} inputmode="numeric" placeholder="110000000"', view)
        + _field("account_number", "Account number", f'{typed} inputmode="numeric" placeholder="000123456789"', view)
        + "</div>",
    }
    return "".join(
        f'<div class="account-fields of-{kind}">{fields.get(kind, "")}<p class="mandate">'
        f"{_what_follows(kind, view)}</p></div>"
        for kind in _others(view)
    )


def _what_follows(kind: str, view: CheckoutView) -> str:
    """Say what happens next by a type of payment method, and what it needs of the customer."""
    if kind in DEBITS:
        text = f"By paying you let {escape(view.business_name)} debit this account; your bank decides in a few days."
    elif kind in VOUCHERS:
        text = f"You get a voucher, which you pay within {VOUCHERS[kind].days} days."
    else:
        text = "You go on to the page of your bank, and come back from there."
    needs = {"name": "your name", "email": "your e-mail"}
    needed = " and ".join(needs[name] for name in METHOD_TYPES[kind].needs)
    return f"{text} Needed: {needed}." if needed else text


def _country_field(view: CheckoutView) -> str:
    options = "".join(
        f'<option value="{code}"{" selected" if code == view.typed.country else ""}>{escape(name)}</option>'
        for code, name in sorted(COUNTRIES.items(), key=lambda pair: pair[1])
    )
    return (
        '<div class="field"><label for="billingCountry">Country <small>(optional)</small></label>'
        '<select id="billingCountry" name="billingCountry" autocomplete="billing country">'
        f'<option value=""></option>{options}</select></div>'
    )


def _consent(view: CheckoutView) -> str:
    if not view.offers_saving:
        return ""
    mark = " checked" if view.typed.save else ""
    return (
        f'<label class="consent"><input type="checkbox" id="saveCard" name="saveCard" value="yes"{mark}>'
        "<span>Save this card for my next visit"
        f"<small>{escape(view.business_name)} keeps it until I ask to remove it.</small></span></label>"
    )


def _field(element_id: str, label: str, attributes: str, view: CheckoutView, *, value: str = "") -> str:
    """Write one field with its label and the place for its error. ``label`` and ``attributes`` are HTML."""
    error = view.complaints.fields.get(element_id, "")
    invalid = ' aria-invalid="true"' if error else ""
    hidden = "" if error else " hidden"
    return (
        f'<div class="field"><label for="{element_id}">{label}</label>'
        f'<input id="{element_id}" name="{element_id}" {attributes} value="{escape(value)}" '
        f'aria-describedby="{element_id}-error"{invalid}>'
        f'<p class="field-error" id="{element_id}-error" role="alert"{hidden}>{escape(error)}</p></div>'
    )
