import { type Form, readForms, readPage } from './page-reader.ts';

/** Answers requests: an app in this process. */
type Answerer = (path: string, init: RequestInit) => Response | Promise<Response>;

export const ORIGIN = 'http://localhost';

interface Target {
  /** The words of the button that submits the form. */
  readonly button?: string;
  /** The path that the form is sent to. */
  readonly action?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Fields = Readonly<Record<string, string>>;

/** An answer to a visitor, read as a browser without JavaScript shows it. */
export interface ShownPage extends ReturnType<typeof readPage> {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  /** The path and query that the page has in the end. */
  readonly path: string;
  readonly forms: readonly Form[];
  /** Redirects on the way. */
  readonly redirects: readonly string[];
}

const MAX_REDIRECTS = 5;

/**
 * A browser without JavaScript: it keeps cookies, follows redirects, and submits only forms that the page shows, with
 * the values that the page has given to them.
 */
export function createVisitor(
  answer: Answerer,
  { origin = ORIGIN, prefix = '', language = 'en' } = {},
) {
  const cookies = new Map<string, string>();
  let page: ShownPage | undefined;

  function keep(headers: Headers): void {
    for (const cookie of headers.getSetCookie()) {
      const [pair = '', ...attributes] = cookie.split('; ');
      const [name = '', value = ''] = pair.split('=');
      if (attributes.includes('Max-Age=0')) cookies.delete(name);
      else cookies.set(name, value);
    }
  }

  async function send(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has('Accept-Language')) headers.set('Accept-Language', language);
    if (cookies.size > 0 && !headers.has('Cookie')) {
      headers.set('Cookie', [...cookies].map((pair) => pair.join('=')).join('; '));
    }
    const response = await answer(path, { ...init, headers });
    keep(response.headers);
    return response;
  }

  async function follow(path: string, first: Response): Promise<ShownPage> {
    let [at, response] = [path, first];
    const redirects: string[] = [];
    for (;;) {
      const location = response.headers.get('Location');
      if (location === null) break;
      const url = new URL(location, `${origin}${prefix}${at}`);
      if (url.origin !== origin || !url.pathname.startsWith(`${prefix}/`)) {
        throw new Error(`leads away: ${location}`);
      }
      at = url.pathname.slice(prefix.length) + url.search;
      redirects.push(at);
      if (redirects.length > MAX_REDIRECTS) throw new Error(`redirects: ${redirects.join()}`);
      response = await send(at);
    }
    const { status, headers } = response;
    const html = await response.text();
    page = {
      status,
      headers,
      html,
      path: at,
      redirects,
      forms: readForms(html),
      ...readPage(html),
    };
    return page;
  }

  const post = (path: string, body: BodyInit, headers: Fields = {}): Promise<Response> =>
    send(path, { method: 'POST', body, headers: { Origin: origin, ...headers } });

  function formOf({ button, action }: Target): { form: Form; path: string } {
    const { forms, path } = shown();
    const found = forms
      .filter(({ isHidden }) => !isHidden)
      .map((form) => ({ form, path: pathOf(form, path) }))
      .filter(({ form }) => button === undefined || form.buttons.includes(button))
      .filter((each) => action === undefined || each.path.split('?')[0] === action)
      .filter(({ form }) => button !== undefined || action !== undefined || !form.isNavigation);
    const [first, ...others] = found;
    if (!first || others.length > 0) throw new Error(`${found.length} forms on ${path}`);
    return first;
  }

  const pathOf = ({ action }: Form, at: string): string => {
    if (action === undefined) return at;
    const { pathname, search } = new URL(action, origin);
    if (!pathname.startsWith(prefix)) throw new Error(`leaves the prefix: ${action}`);
    return pathname.slice(prefix.length) + search;
  };

  function shown(): ShownPage {
    if (!page) throw new Error('no page is shown');
    return page;
  }

  /** Returns what a form would send, and where. */
  function filled(fields: Fields, target: Target = {}) {
    const { form, path } = formOf(target);
    const unknown = Object.keys(fields).filter((name) => !Object.hasOwn(form.values, name));
    if (unknown.length > 0) throw new Error(`no field ${unknown.join()} on ${shown().path}`);
    const body = new URLSearchParams({ ...form.values, ...fields });
    return { path, body, method: form.method };
  }

  return {
    cookies,
    send,
    post,
    filled,
    page: shown,
    visit: async (path: string, headers: Fields = {}) =>
      follow(path, await send(path, { headers })),
    async submit(fields: Fields = {}, target: Target = {}): Promise<ShownPage> {
      const { path, body, method } = filled(fields, target);
      if (method === 'get') {
        const address = `${path.split('?')[0]}?${body}`;
        return follow(address, await send(address));
      }
      return follow(path, await post(path, body, target.headers));
    },
  };
}

export type Visitor = ReturnType<typeof createVisitor>;
