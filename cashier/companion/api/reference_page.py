"""``/api/v1/``: the description as a page for people, made of the same table; it needs no internet and no script."""

from __future__ import annotations

import base64
import functools
import hashlib
from dataclasses import dataclass
from html import escape
from typing import Any

from aiohttp import web

from cashier import __version__
from cashier.companion.api.openapi import ABOUT_WEBHOOKS, WEBHOOK, describe
from cashier.companion.api.operation import GROUPS, Operation
from cashier.companion.api.problems import TYPE_BASE, ProblemKind
from cashier.companion.api.reference_style import STYLE
from cashier.companion.api.schema_table import example_of, parameter_table, prose, shape_table
from cashier.companion.api.serving import language_of
from cashier.companion.api.table import OPERATIONS
from cashier.language import LANGUAGES, Message, m, name_of_language

ADDRESS = "/api/v1/"
DESCRIPTION = "/api/v1/openapi.json"

Json = dict[str, Any]
_ROWS: dict[str, Operation] = {each.name: each for each in OPERATIONS}
_DOCUMENT = """<!DOCTYPE html>
<html lang="{code}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<nav>{contents}</nav>
<main>
<header><h1>{title}</h1><p class="facts">{facts}</p></header>
{sections}
</main>
</body>
</html>
"""


def reference_routes(url: str) -> list[web.RouteDef]:
    """Return the route of the page about an API that is served at ``url``.

    It is read in the language that the reader's browser asks for, or in the one behind ``?language=``.
    """
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    headers = {
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'",
        "Cache-Control": "no-cache",
        "Vary": "Accept-Language",
    }

    @functools.cache
    def page_in(language: str) -> str:
        return _Page(url=url.rstrip("/"), language=language, described=describe(OPERATIONS, url=url)).written()

    async def answer(request: web.Request) -> web.Response:
        wanted = request.query.get("language", "")
        body = page_in(wanted if wanted in LANGUAGES else language_of(request))
        return web.Response(text=body, content_type="text/html", headers=headers)

    async def lead(_request: web.Request) -> web.Response:
        return web.Response(status=308, headers={"Location": ADDRESS})

    return [web.get(ADDRESS, answer), web.get(ADDRESS.rstrip("/"), lead)]


@dataclass(frozen=True, kw_only=True)
class _Page:
    """The page in one language, about the described API at an address."""

    url: str
    language: str
    described: Json

    def written(self) -> str:
        operations: dict[str, list[str]] = {}
        links: dict[str, list[str]] = {}
        for path, methods in self.described["paths"].items():
            for method, told in methods.items():
                (group,) = told["tags"]
                operations.setdefault(group, []).append(self._operation(path, method, told))
                links.setdefault(group, []).append(_link(told["operationId"], self._summary(told)))
        groups = [self._group(name, each) for name, each in operations.items()]
        languages = [_link_to_language(each) for each in LANGUAGES]
        return _DOCUMENT.format(
            code=self.language.replace("_", "-"),
            title=self._say(m("Cashier: the API for other systems")),
            style=STYLE,
            contents=self._contents(links),
            facts=" · ".join([escape(__version__), f'<a href="{DESCRIPTION}">OpenAPI 3.1</a>', *languages]),
            sections="\n".join([self._beginning(), *groups, self._problems(), self._shapes()]),
        )

    def _contents(self, links: dict[str, list[str]]) -> str:
        groups = [
            f'<p><a href="#{_anchor(name)}">{self._say(GROUPS[name][0])}</a></p><ul>{"".join(each)}</ul>'
            for name, each in links.items()
        ]
        others = [
            f'<p><a href="#{anchor}">{self._say(words)}</a></p>'
            for anchor, words in (("begin", _BEGINNING), ("problems", _PROBLEMS), ("shapes", _SHAPES))
        ]
        return "".join([others[0], *groups, *others[1:]])

    def _beginning(self) -> str:
        told = "".join(f"<li>{self._say(each)}</li>" for each in _STEPS)
        head = f'<section id="begin"><h2>{self._say(_BEGINNING)}</h2>'
        return f"{head}<p><code>{escape(self.url)}</code></p><ul>{told}</ul></section>"

    def _problems(self) -> str:
        rows = "".join(
            f"<tr><td>{kind.status}</td><td><code>{TYPE_BASE}{kind.slug}</code></td><td>{self._say(kind.title)}</td></tr>"
            for kind in ProblemKind
        )
        head = f'<section id="problems"><h2>{self._say(_PROBLEMS)}</h2><article>'
        return f"{head}<table><tbody>{rows}</tbody></table></article></section>"

    def _shapes(self) -> str:
        each = "".join(
            f'<article id="{name}"><h3><code>{name}</code></h3><p lang="en">{prose(schema["description"])}</p>'
            f"{shape_table(schema, self.language)}</article>"
            for name, schema in self.described["components"]["schemas"].items()
        )
        return f'<section id="shapes"><h2>{self._say(_SHAPES)}</h2>{each}</section>'

    def _group(self, name: str, operations: list[str]) -> str:
        title, about = GROUPS[name]
        head = f'<section id="{_anchor(name)}"><h2>{self._say(title)}</h2><p>{self._say(about)}</p>'
        return f"{head}{''.join(operations)}</section>"

    def _operation(self, path: str, method: str, told: Json) -> str:
        row = _ROWS.get(told["operationId"])
        about = self._say(row.about if row else ABOUT_WEBHOOKS)
        scope = f' <span class="scope">{escape(row.scope)}</span>' if row and row.scope else ""
        return "\n".join(
            [
                f'<article id="{told["operationId"]}"><h3>{self._summary(told)}</h3>',
                f'<p class="address"><b class="{method}">{method.upper()}</b> <code>{escape(path)}</code>{scope}</p>',
                f"<p>{about}</p>",
                self._parameters(told, row),
                self._body(told),
                self._answers(told),
                f"<pre>{escape(self._command(path, method, told))}</pre></article>",
            ]
        )

    def _parameters(self, told: Json, row: Operation | None) -> str:
        if not told["parameters"]:
            return ""
        known = []
        for each in told["parameters"]:
            part = row.parts.get(each["name"]) if row else None
            about = (
                part.in_(self.language) if part else each.get("description") or each["schema"].get("description", "")
            )
            known.append((each["name"], about, each["required"], each["schema"]))
        head = f"<h4>{self._say(_PARAMETERS)}</h4>"
        return head + parameter_table(known, self.language)

    def _body(self, told: Json) -> str:
        if "requestBody" not in told:
            return ""
        name = _shape_in(told["requestBody"]["content"])
        schema = self.described["components"]["schemas"][name]
        head = f'<h4>{self._say(_SENT)}: <a href="#{name}">{name}</a></h4>'
        return f'{head}<p lang="en">{prose(schema["description"])}</p>{shape_table(schema, self.language)}'

    def _answers(self, told: Json) -> str:
        good = {status: each for status, each in told["responses"].items() if int(status) < 400}
        bad = {status: each for status, each in told["responses"].items() if int(status) >= 400}
        done = ""
        for status, answer in good.items():
            content = answer.get("content", {})
            name = _shape_in(content)
            forms = ", ".join(f"<code>{escape(each)}</code>" for each in content)
            shape = f'<a href="#{name}">{name}</a>' if name else self._say(_NOTHING_MORE)
            done += f"<tr><td>{status}</td><td>{shape} <small>{forms}</small></td></tr>"
        problems = "".join(
            f"<tr><td>{status}</td><td>{self._problem(status, each['description'])}</td></tr>"
            for status, each in bad.items()
        )
        return (
            f"<h4>{self._say(_ANSWERED)}</h4><table><tbody>{done}</tbody></table><details><summary>"
            f"{self._say(_PROBLEMS)}: {' · '.join(bad)}</summary><table><tbody>{problems}</tbody></table></details>"
        )

    def _problem(self, status: str, described: str) -> str:
        """Write the problems that are told with ``status``, each with the end of its address."""
        kinds = [kind for kind in ProblemKind if str(kind.status) == status and kind.title.english in described]
        words = (f"{self._say(kind.title)} <small><code>{kind.slug}</code></small>" for kind in kinds)
        return "<br>".join(words) or prose(described)

    def _command(self, path: str, method: str, told: Json) -> str:
        """Write the request as a command that can be pasted."""
        parts = [f"curl -X {method.upper()} '{self.url}{path}'"]
        if told.get("security") != []:
            parts.append('-H "Authorization: Bearer $KEY"')
        parts += [f"-H '{each['name']}: …'" for each in told["parameters"] if each["in"] == "header"]
        if "requestBody" in told:
            shapes = self.described["components"]["schemas"]
            body = example_of(shapes[_shape_in(told["requestBody"]["content"])], shapes)
            (form,) = told["requestBody"]["content"]
            parts += [f"-H 'Content-Type: {form}'", f"-d '{body}'"]
        return " \\\n  ".join(parts)

    def _summary(self, told: Json) -> str:
        row = _ROWS.get(told["operationId"])
        return self._say(row.summary if row else WEBHOOK)

    def _say(self, words: Message) -> str:
        return prose(words.in_(self.language))


_BEGINNING = m("How to call it")
_PROBLEMS = m("Problems")
_SHAPES = m("Shapes")
_PARAMETERS = m("In the address and the head")
_SENT = m("Sent")
_ANSWERED = m("Answered")
_NOTHING_MORE = m("nothing more")
_STEPS = (
    m(
        "Send a key with each request, as `Authorization: Bearer cashier_…`. An administrator makes it with "
        "`cashier keys add`; it is shown once, and belongs into a back end, never into a page."
    ),
    m(
        "Money is in whole minor units with its currency: `1500` and `EUR` are 15.00 EUR, `1500` and `JPY` are "
        '1500 JPY. Text such as `"15.00"` is refused, never guessed.'
    ),
    m(
        "Whoever hears no answer sends the same request with the same `Idempotency-Key` again: it goes on with "
        "the same record for a day, and nothing is doubled."
    ),
    m(
        "What is not done is told as a problem (RFC 9457): `type` is an address that never changes, `detail` is "
        "for people, in the language of `Accept-Language`, `errors` names fields, and the log has `instance`."
    ),
)


def _shape_in(content: Json) -> str:
    """Return the shape of what is sent or answered as JSON; empty for none."""
    schemas = (each["schema"].get("anyOf", [each["schema"]])[0].get("$ref", "") for each in content.values())
    return next((each.rpartition("/")[2] for each in schemas if each), "")


def _anchor(name: str) -> str:
    return name.lower().replace(" ", "-")


def _link(anchor: str, words: str) -> str:
    return f'<li><a href="#{anchor}">{words}</a></li>'


def _link_to_language(language: str) -> str:
    code = language.replace("_", "-")
    return f'<a href="?language={language}" lang="{code}" hreflang="{code}">{escape(name_of_language(language))}</a>'
