"""The page as HTML, and the policy under which a browser shows it: Stripe's script and frames, ours, nothing else.

https://docs.stripe.com/security/guide#content-security-policy
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from html import escape

from cashier.companion.payment_page import words
from cashier.language import LANGUAGES, Message, name_of_language, speaking
from cashier.payment_page.views import PageState, ShownPage, Standing
from cashier.resources import RESOURCES
from cashier.settings import Settings
from cashier.stripe_gateway.browser import stripe_in_browser

_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="format-detection" content="telephone=no">
<title>{title}</title>
<link rel="icon" href="data:image/svg+xml;base64,{icon}">
<link rel="stylesheet" href="/pay/static/page.css">
{scripts}
</head>
<body><main id="page" data-state="{state}">
<header>{logo}<h1>{title}</h1></header>
{content}
</main></body>
</html>
"""

_CONTENT = """{training}
<dl>
<div><dt>{invoice_word}</dt><dd>{invoice}</dd></div>
<div><dt>{department_word}</dt><dd>{department}</dd></div>
<div class="sum"><dt id="amount-word">{amount_word}</dt><dd id="amount">{amount}</dd></div>
</dl>
<p id="message" role="status" aria-live="polite">{message}</p>
<noscript><p class="trouble">{no_script}</p></noscript>
<form id="form" hidden>
<div id="card"></div>
<label id="keep"><input type="checkbox" id="save-card"> <span>{save_card}</span></label>
<button type="submit" id="pay">{pay}</button>
<button type="button" id="stop" hidden>{stop}</button>
</form>
<p id="done"{no_receipt}><a id="receipt" href="{receipt_url}" target="_blank" rel="noopener">{receipt}</a></p>
<footer><p>{questions}</p><nav>{languages}</nav></footer>"""


@dataclass(frozen=True, kw_only=True)
class Where:
    """Where the page is and what it loads. ``token`` is the secret of its link; it is empty on a page of nobody's."""

    settings: Settings
    token: str
    language: str

    @property
    def api(self) -> str:
        """The address below which its script asks."""
        return f"/pay/{self.token}"

    @property
    def query(self) -> str:
        """What is put behind each address, so that answers come in the language of the page."""
        return f"?lang={_tag(self.language)}"

    def policy(self) -> str:
        """Return the content security policy of the page."""
        stripe = stripe_in_browser(self.settings)
        images = stripe.script_sources if self.settings.training else "https://*.stripe.com"
        return (
            f"default-src 'none'; script-src 'self' {stripe.script_sources}; frame-src {stripe.frame_sources}; "
            f"connect-src 'self' {stripe.connect_sources}; img-src 'self' {images} data:; style-src 'self'; "
            "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        )


def page_of(shown: ShownPage, where: Where) -> str:
    """Return the page of a link that holds."""
    with speaking(where.language):
        standing = shown.standing
        content = _CONTENT.format(
            training="" if where.settings.moves_money else f'<p class="training">{_said(words.TRAINING)}</p>',
            invoice_word=_said(words.INVOICE),
            invoice=escape(shown.invoice_number),
            department_word=_said(words.DEPARTMENT),
            department=escape(shown.department),
            amount_word=_said(words.PAID if standing.state is PageState.PAID else words.TO_PAY),
            amount=escape(str(standing.due)),
            message="" if standing.state is PageState.OPEN else _said(standing.message),
            no_script=_said(words.NO_SCRIPT),
            save_card=_said(words.SAVE_CARD),
            pay=_said(words.pay_words(standing.due)),
            stop=_said(words.STOP),
            no_receipt="" if standing.has_receipt else " hidden",
            receipt_url=f"{where.api}/receipt{where.query}",
            receipt=_said(words.RECEIPT),
            questions=_said(words.questions(shown.phone)) if shown.phone else "",
            languages=_other_languages(where),
        )
        return _PAGE.format(
            language=_tag(where.language),
            title=_said(words.title(shown.hospital)),
            scripts=_scripts(shown, where),
            state=standing.state.value,
            logo=_LOGO,
            icon=_ICON,
            content=content,
        )


def page_without_link(message: Message, language: str) -> str:
    """Return a page that says ``message`` and nothing else."""
    with speaking(language):
        return _PAGE.format(
            language=_tag(language),
            title=_said(words.PLAIN_TITLE),
            scripts="",
            state=PageState.REFUSED.value,
            logo=_LOGO,
            icon=_ICON,
            content=f'<p id="message">{_said(message)}</p>',
        )


def told(standing: Standing, where: Where) -> dict[str, object]:
    """Return how the page stands, as its script reads it, without what is secret."""
    with speaking(where.language):
        return {
            "state": standing.state.value,
            "message": str(standing.message),
            "amount": standing.due.amount_minor,
            "currency": standing.due.currency,
            "amount_text": str(standing.due),
            "pay_text": str(words.pay_words(standing.due)),
            "receipt_url": f"{where.api}/receipt{where.query}" if standing.has_receipt else None,
        }


def _scripts(shown: ShownPage, where: Where) -> str:
    facts = {
        **told(shown.standing, where),
        "publishable_key": where.settings.stripe.publishable_key,
        "locale": _tag(where.language),
        "api": where.api,
        "query": where.query,
        "return_url": f"{where.settings.patients_url}{where.api}{where.query}",
        "words": {name: str(text) for name, text in words.WORDS.items()},
    }
    # Nothing in it can end the element that it stands in.
    written = json.dumps(facts, ensure_ascii=False).replace("<", "\\u003c")
    return (
        f'<script type="application/json" id="payment">{written}</script>\n'
        f'<script src="{escape(stripe_in_browser(where.settings).script_url)}" defer></script>\n'
        '<script src="/pay/static/page.js" type="module"></script>'
    )


def _other_languages(where: Where) -> str:
    others = (each for each in LANGUAGES if each != where.language)
    return " · ".join(
        f'<a href="{where.api}?lang={_tag(each)}" lang="{_tag(each)}">{escape(name_of_language(each))}</a>'
        for each in others
    )


def _said(message: Message) -> str:
    return escape(str(message))


def _tag(language: str) -> str:
    """Return a language as browsers and Stripe call it."""
    return language.replace("_", "-")


_LOGO = (RESOURCES / "logo.svg").read_text(encoding="utf-8")
_ICON = base64.b64encode(_LOGO.encode()).decode()
