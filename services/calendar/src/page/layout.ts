/** What all pages look like, and the headers they go with. No script, no picture from elsewhere. */
import type { HttpResponse } from '@riad/net/http/http-server';
import { type Html, html, trusted } from './html.ts';

const style = `
:root { color-scheme: light dark; --ink: #1d2b28; --soft: #5c6b67; --line: #d5dedb; --ground: #fbfcfb; --garden: #0b6b57; --alert: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6efec; --soft: #9db0ab; --line: #33423f; --ground: #121a18; --garden: #63cbb2; --alert: #ffb4ab; } }
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.55 system-ui, sans-serif; color: var(--ink); background: var(--ground); }
main, header { max-width: 46rem; margin: 0 auto; padding: 1rem 1.25rem; }
header { display: flex; justify-content: space-between; border-bottom: 1px solid var(--line); }
a { color: var(--garden); }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .45rem .5rem; border-bottom: 1px solid var(--line); vertical-align: top; }
code, .address { font: .92rem ui-monospace, monospace; overflow-wrap: anywhere; user-select: all; }
.soft { color: var(--soft); } .dot { display: inline-block; width: .8rem; height: .8rem; border-radius: 50%; border: 1px solid var(--line); }
form { display: inline; } input, button { font: inherit; padding: .35rem .6rem; border: 1px solid var(--line); border-radius: .4rem; background: transparent; color: inherit; }
button { border-color: var(--garden); color: var(--garden); cursor: pointer; } button:focus-visible, a:focus-visible, input:focus-visible { outline: 2px solid var(--garden); outline-offset: 2px; }
.qr svg { width: 11rem; height: 11rem; background: #fff; border-radius: .4rem; } .said { border-left: 3px solid var(--garden); padding: .4rem .8rem; } .alert { border-color: var(--alert); }
`;

const headers = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

export function page(
  title: string,
  user: string | undefined,
  content: Html,
  status: number = 200,
  more: Readonly<Record<string, string>> = {},
): HttpResponse {
  const { text } = html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><style>${trusted(style)}</style></head>
<body>
<header><a href="/">Riad</a>${user === undefined ? html`<a href="/account">Sign in</a>` : html`<span>${user}</span>`}</header>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`;
  return { status, headers: { ...headers, ...more }, body: Buffer.from(text) };
}
