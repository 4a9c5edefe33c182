/** The pages of the service: what it is, signing in, one's calendars and their addresses, devices, the password. */
import { randomUUID } from 'node:crypto';
import type { HttpRequest, HttpResponse } from '@riad/net/http/http-server';
import { AccountError } from '@riad/runtime/accounts/account-error';
import type { Accounts } from '@riad/runtime/accounts/accounts';
import type { LoginCheck } from '@riad/runtime/accounts/login';
import { CommandError } from '@riad/runtime/service';
import type { Engine } from '@riad/webdav/engine';
import type { PublicLinks } from '../links/public-links.ts';
import { nowSeconds, pathOf } from '../memory/place.ts';
import { challenge } from '../shell/credentials.ts';
import type { Visitor } from '../shell/dav-shell.ts';
import { isFromOtherSite } from '../shell/other-site.ts';
import { appleProfile } from './apple-profile.ts';
import { discoveryRecords } from './discovery-records.ts';
import { homeCollections, type ListedCollection } from './home-collections.ts';
import { type Html, html, trusted } from './html.ts';
import { page } from './layout.ts';
import { type Notices, noticesFor } from './notices.ts';

/** Of a form of ours. */
const maxFormOctets = 16_384;

export type PagesParts = {
  readonly engine: Engine;
  readonly accounts: Accounts;
  readonly login: LoginCheck;
  readonly links: PublicLinks;
  readonly domain: string | undefined;
  readonly notices: Notices;
};

export class AccountPages {
  readonly #parts: PagesParts;

  constructor(parts: PagesParts) {
    this.#parts = parts;
  }

  /** Undefined for what is no page. */
  async answer(request: HttpRequest, visitor: Visitor): Promise<HttpResponse | undefined> {
    const [path = '/'] = request.target.split('?', 1);
    const get = request.method === 'GET' || request.method === 'HEAD';
    if (path === '/' && get)
      return visitor.user === undefined ? welcome(visitor) : this.#account(visitor);
    if (path !== '/account' && !path.startsWith('/account/')) return undefined;
    if (visitor.user === undefined) return signIn();
    if (path === '/account' && get) return this.#account(visitor);
    if (path === '/account/riad.mobileconfig' && get) return profile(visitor);
    if (request.method !== 'POST')
      return { status: 405, headers: { Allow: 'GET, HEAD, POST' }, body: undefined };
    if (isFromOtherSite(request, visitor))
      return page(
        'Not from here',
        visitor.user,
        html`<p>This form was sent by another page.</p>`,
        403,
      );
    const form = new URLSearchParams(Buffer.from(await request.body(maxFormOctets)).toString());
    try {
      if (path === '/account/password') return await this.#changePassword(form, visitor);
      if (path === '/account/devices') return await this.#addDevice(form, visitor);
      if (path === '/account/devices/remove') return await this.#removeDevice(form, visitor);
      if (path === '/account/links') return await this.#makeLink(form, visitor);
      if (path === '/account/links/remove') return await this.#takeBackLink(form, visitor);
    } catch (error) {
      if (error instanceof CommandError)
        return this.#account(visitor, html`<p class="said">${error.message}</p>`, 422);
      if (!(error instanceof AccountError)) throw error;
      return this.#account(
        visitor,
        html`<p class="said">${error.message} (${error.code})</p>`,
        422,
      );
    }
    return undefined;
  }

  async #changePassword(form: URLSearchParams, visitor: Visitor): Promise<HttpResponse> {
    const { accounts, login } = this.#parts;
    const user = visitor.user!;
    // Who found a browser open, or has a device's password, does not know the old one.
    if (!(await accounts.verify(user, form.get('old') ?? '')))
      return this.#account(visitor, html`<p class="said">The old password is wrong.</p>`, 403);
    await accounts.setPassword(user, form.get('new') ?? '');
    login.changed();
    return this.#account(
      visitor,
      html`<p class="said">The password is changed. The browser asks for it at the next page.</p>`,
    );
  }

  async #addDevice(form: URLSearchParams, visitor: Visitor): Promise<HttpResponse> {
    const device = (form.get('device') ?? '').trim();
    const password = this.#parts.accounts.addAppPassword(visitor.user!, device);
    return this.#account(
      visitor,
      html`<p class="said">Password for <b>${device}</b>: <code>${password}</code><br><span class="soft">It is shown this once. User name: <code>${visitor.user}</code></span></p>`,
    );
  }

  async #removeDevice(form: URLSearchParams, visitor: Visitor): Promise<HttpResponse> {
    const device = form.get('device') ?? '';
    this.#parts.accounts.removeAppPassword(visitor.user!, device);
    this.#parts.login.changed();
    return this.#account(visitor, html`<p class="said"><b>${device}</b> can no longer log in.</p>`);
  }

  async #makeLink(form: URLSearchParams, visitor: Visitor): Promise<HttpResponse> {
    const user = visitor.user!;
    const path = pathOf(form.get('calendar') ?? '');
    if (path[0] !== 'calendars' || path[1] !== user || path.length !== 3)
      throw new CommandError('a link shows a calendar of yours');
    const level = form.get('level') === 'busy' ? 'busy' : 'details';
    const label = form.get('label') ?? '';
    const token = this.#parts.links.make(
      { user, path: path.join('/'), level, label },
      Number(form.get('days') ?? 30),
      nowSeconds(),
    );
    return this.#account(
      visitor,
      html`<p class="said">Whoever has this link can read the calendar: <code>${visitor.client.baseUrl}/public/${token}.ics</code><br><span class="soft">It is shown this once.</span></p>`,
    );
  }

  async #takeBackLink(form: URLSearchParams, visitor: Visitor): Promise<HttpResponse> {
    this.#parts.links.takeBack(visitor.user!, Number(form.get('id')));
    return this.#account(visitor, html`<p class="said">The link shows nothing any more.</p>`);
  }

  async #account(visitor: Visitor, said?: Html, status: number = 200): Promise<HttpResponse> {
    const { engine, accounts, links, domain, notices } = this.#parts;
    const user = visitor.user!;
    const { baseUrl, secure } = visitor.client;
    const collections = await homeCollections(engine, user, {
      baseUrl,
      secure,
      requestId: randomUUID(),
    });
    const { host } = new URL(baseUrl);
    const { toString: qrCode } = await import('qrcode'); // 57 modules, for this page alone
    const code = await qrCode(`davx5://${encodeURIComponent(user)}@${host}/`, {
      type: 'svg',
      margin: 1,
    });
    const devices = accounts.appPasswords(user);
    const records = domain === undefined ? undefined : discoveryRecords(domain, baseUrl);
    const content = html`${said}${noticesFor(user, notices)}
<h2>Calendars and address books</h2>
<table><thead><tr><th>Name</th><th>Holds</th><th>Address</th></tr></thead><tbody>
${collections.map((each) => row(each, baseUrl))}
</tbody></table>
<h2>Set up a device</h2>
<p>Server <code>${baseUrl}</code>, user name <code>${user}</code>. Most apps find the rest; give each device a password of its own below.</p>
<table><tbody>
<tr><th>iPhone, iPad, Mac</th><td><a href="/account/riad.mobileconfig">Install the profile</a> on the device; it asks for the password.</td></tr>
<tr><th>Android</th><td>Install DAVx⁵ and scan this with the camera, or give it the server.<div class="qr">${trusted(code)}</div></td></tr>
<tr><th>Thunderbird</th><td>New calendar, on the network: user name and <code>${baseUrl}</code>.</td></tr>
<tr><th>GNOME, KDE, others</th><td>CalDAV and CardDAV: <code>${baseUrl}/</code></td></tr>
</tbody></table>
<h2>Devices</h2>
<table><thead><tr><th>Device</th><th>Last used</th><th></th></tr></thead><tbody>
${devices.map(
  ({
    device,
    usedSeconds,
    usedAddress,
    usedAgent,
  }) => html`<tr><td>${device}</td><td>${usedSeconds === undefined ? 'never' : html`${new Date(usedSeconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC<br><span class="soft">${usedAddress} ${usedAgent}</span>`}</td><td><form method="post" action="/account/devices/remove"><input type="hidden" name="device" value="${device}"><button>Remove</button></form></td></tr>
`,
)}</tbody></table>
<p><form method="post" action="/account/devices"><label>New device <input name="device" required maxlength="128" placeholder="Ann’s phone"></label> <button>Make a password</button></form></p>
<h2>Public links</h2>
<table><thead><tr><th>Calendar</th><th>Shows</th><th>Until</th><th></th></tr></thead><tbody>
${links.of(user, nowSeconds()).map(
  ({
    id,
    path,
    level,
    label,
    expiresSeconds,
  }) => html`<tr><td>${path.split('/').at(-1)} <span class="soft">${label}</span></td><td>${level === 'busy' ? 'when it is busy' : 'everything but what is private'}</td><td>${new Date(expiresSeconds * 1000).toISOString().slice(0, 10)}</td><td><form method="post" action="/account/links/remove"><input type="hidden" name="id" value="${id}"><button>Take back</button></form></td></tr>
`,
)}</tbody></table>
<form method="post" action="/account/links"><p><label>Calendar <select name="calendar">${collections.filter(({ kind, href }) => kind === 'calendar' && !href.includes('~')).map(({ href, name }) => html`<option value="${href}">${name}</option>`)}</select></label>
<label>shows <select name="level"><option value="details">events</option><option value="busy">busy times only</option></select></label>
<label>for <input name="days" type="number" min="1" max="3650" value="30" required> days</label>
<label>to <input name="label" maxlength="128" placeholder="whom it is for"></label> <button>Make a link</button></p></form>
<h2>Password</h2>
<form method="post" action="/account/password"><p><label>Old <input type="password" name="old" autocomplete="current-password" required></label>
<label>New <input type="password" name="new" autocomplete="new-password" minlength="8" required></label> <button>Change</button></p></form>
${
  records === undefined
    ? ''
    : html`<h2>Records for the zone ${domain}</h2><p class="soft">With these, devices find the server from an e-mail address alone.</p><pre><code>${records.join('\n')}</code></pre>`
}`;
    return page(`Calendars of ${user}`, user, content, status);
  }
}

function row(each: ListedCollection, baseUrl: string): Html {
  const words: Readonly<Record<string, string>> = {
    VEVENT: 'events',
    VTODO: 'tasks',
    VJOURNAL: 'notes',
  };
  const holds =
    each.kind === 'address-book'
      ? 'contacts'
      : each.components.map((component) => words[component] ?? component).join(', ') ||
        'everything';
  return html`<tr><td>${each.color === undefined ? '' : html`<span class="dot" style="background:${each.color}"></span> `}${each.name}</td><td>${holds}${each.canWrite ? '' : ', to read'}</td><td class="address">${baseUrl}${each.href}</td></tr>
`;
}

function welcome({ client }: Visitor): HttpResponse {
  return page(
    'Calendars and contacts',
    undefined,
    html`<p>This server keeps calendars, tasks and contacts for telephones and computers. Every change is kept, and can be undone.</p>
<p><a href="/account">Sign in</a> to see your calendars, their addresses, and how to set up a device.</p>
<p class="soft">Apps that speak CalDAV and CardDAV need this address only: <code>${client.baseUrl}</code></p>`,
  );
}

function signIn(): HttpResponse {
  return page(
    'Sign in',
    undefined,
    html`<p>Reload the page and give your user name and password.</p>`,
    401,
    {
      'WWW-Authenticate': challenge,
    },
  );
}

function profile({ user, client }: Visitor): HttpResponse {
  return {
    status: 200,
    headers: {
      'Content-Type': 'application/x-apple-aspen-config',
      'Content-Disposition': 'attachment; filename="riad.mobileconfig"',
      'Cache-Control': 'no-store',
    },
    body: Buffer.from(appleProfile({ baseUrl: client.baseUrl, user: user! })),
  };
}
