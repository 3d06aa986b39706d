"""How the page of the API looks: two columns on a screen, one on a phone and on paper."""

from __future__ import annotations

from cashier.palette import Colour

STYLE = f"""
* {{ box-sizing: border-box; }}
html {{ scroll-behavior: smooth; scroll-padding-top: 1rem; }}
body {{ margin: 0; background: {Colour.GROUND.printed}; color: {Colour.INK.printed};
  font: 1rem/1.5 "Noto Sans", system-ui, sans-serif; display: grid; grid-template-columns: 19rem minmax(0, 1fr); }}
nav {{ position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.5rem 1rem 2rem 1.5rem;
  font-size: .875rem;  background: {Colour.PAPER.printed}; border-right: 1px solid {Colour.HAIRLINE.printed}; }}
nav p {{ margin: .9rem 0 .2rem; font-weight: 600; }}
nav ul {{ margin: 0; padding: 0; list-style: none; }}
nav li {{ padding: .15rem 0; }}
nav a {{ color: {Colour.INK.printed}; text-decoration: none; }}
nav a:hover {{ text-decoration: underline; }}
main {{ max-width: 62rem; padding: 2rem 2.5rem 4rem; }}
h1 {{ margin: 0; font-size: 1.75rem; line-height: 1.25; }}
h2 {{ margin: 2.5rem 0 .25rem; font-size: 1.35rem; }}
h3 {{ margin: 0 0 .35rem; font-size: 1.1rem; }}
h4 {{ margin: 1.1rem 0 .3rem; font-size: .9rem; color: {Colour.INK_SOFT.printed}; }}
p {{ margin: .35rem 0; }}
small, .facts {{ color: {Colour.INK_SOFT.printed}; }}
a {{ color: {Colour.ACCENT_STRONG.printed}; }}
article {{ margin: 1rem 0; padding: 1.1rem 1.4rem 1.3rem; background: {Colour.PAPER.printed};
  border: 1px solid {Colour.HAIRLINE.printed}; border-radius: .75rem; }}
article:target {{ border-color: {Colour.ACCENT.printed}; }}
code, pre {{ font: .875em/1.5 "Noto Sans Mono", ui-monospace, monospace; overflow-wrap: anywhere; }}
pre {{ margin: 1.1rem 0 0; padding: .75rem 1rem; overflow-x: auto; white-space: pre-wrap;
  background: {Colour.GROUND.printed}; border-radius: .5rem; }}
.address b {{ display: inline-block; min-width: 4.2rem; padding: .05rem .5rem; border-radius: .35rem;
  text-align: center; font-size: .8rem; color: {Colour.ACCENT_STRONG.printed};
  background: {Colour.ACCENT_SOFT.printed}; }}
.address .delete {{ color: {Colour.BAD.printed}; background: {Colour.BAD_SOFT.printed}; }}
.address .get {{ color: {Colour.GOOD.printed}; background: {Colour.GOOD_SOFT.printed}; }}
.scope {{ margin-left: .5rem; padding: .05rem .5rem; border: 1px solid {Colour.EDGE.printed}; border-radius: 1rem;
  font-size: .8rem; color: {Colour.INK_SOFT.printed}; white-space: nowrap; }}
table {{ width: 100%; margin: .3rem 0; border-collapse: collapse; font-size: .9rem; }}
th {{ text-align: left; font-weight: 600; color: {Colour.INK_SOFT.printed}; }}
th, td {{ padding: .35rem .75rem .35rem 0; vertical-align: top; border-bottom: 1px solid {Colour.HAIRLINE.printed}; }}
td:first-child {{ white-space: nowrap; }}
td b {{ color: {Colour.BAD.printed}; }}
summary {{ margin: .5rem 0; font-size: .9rem; color: {Colour.INK_SOFT.printed}; cursor: pointer; }}
@media (max-width: 60rem) {{ body {{ display: block; }} nav {{ position: static; height: auto; border-right: 0; }}
  main {{ padding: 1.25rem 1rem 3rem; }} article {{ padding: 1rem; }} td:first-child {{ white-space: normal; }} }}
@media (prefers-reduced-motion: reduce) {{ html {{ scroll-behavior: auto; }} }}
@media print {{ body {{ display: block; background: none; }} nav {{ display: none; }}
  article {{ break-inside: avoid; border-radius: 0; }} }}
"""
