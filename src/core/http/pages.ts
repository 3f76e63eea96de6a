import type { Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { AppError } from '../errors.ts';
import { MAX_FILE_BYTES } from '../files.ts';
import { answer, jsonStream, redirect } from './answer.ts';
import { acceptType, formFields } from './body.ts';
import type { Env } from './env.ts';
import type { Markup } from './markup.ts';
import type { BodyReader } from './middleware/read-body.ts';
import { isOwnOrigin } from './origins.ts';
import { type ErrorReports, onError as problemOf, reportError } from './problem.ts';

/** Enough for a biography of 10,000 characters, each of 12 bytes once it is URL-encoded. */
const MAX_FORM_BYTES = 128 * 1024;

export type PageStatus = ContentfulStatusCode;

/** A JSON file to save. */
export interface PageFile {
  /** In characters that a header field may contain, without quotes. */
  readonly name: string;
  /** The parts of its text, each made when the browser has read the one before. */
  readonly parts: AsyncGenerator<string, void>;
}

/** What a page may load and do besides what all pages of its feature may. */
export interface PagePolicy {
  /** Sources of images, such as `'self'`. */
  readonly imageSources?: readonly string[];
  /** True if its script may fetch from the own origin. */
  readonly fetches?: boolean;
}

/**
 * Reads the file that the script of a page sends.
 *
 * @param types accepted media types
 * @throws AppError `payload_too_large`, `unsupported_media_type`, or as the reader of bodies does
 */
export type ReadUpload = (
  types: readonly string[],
  maxBytes: number,
) => Promise<Uint8Array<ArrayBuffer>>;

/** The answer to a request for a page: markup, a file, or the path of the page that follows. */
export type PageAnswer = (
  | {
      readonly markup: Markup;
      readonly status?: PageStatus;
      readonly headers?: Readonly<Record<string, string>>;
      readonly policy?: PagePolicy | undefined;
    }
  | { readonly to: string }
  | { readonly file: PageFile }
) & {
  /** Values of `Set-Cookie`. */
  readonly cookies?: readonly string[];
};

/** A style sheet or a script of the pages. */
export interface PageAsset {
  readonly path: string;
  readonly text: string;
  readonly type: 'text/css' | 'text/javascript';
}

/** Registers pages for browsers. */
export interface PageRoutes {
  /** A page, which changes nothing. */
  get(path: string, handler: (c: Context<Env>) => Promise<PageAnswer>): void;
  /** A form that a page of this origin submits. */
  post(
    path: string,
    handler: (c: Context<Env>, fields: URLSearchParams) => Promise<PageAnswer>,
  ): void;
  /** A file that the script of a page of this origin sends. It is read once the handler asks for it. */
  put(path: string, handler: (c: Context<Env>, read: ReadUpload) => Promise<PageAnswer>): void;
  /** A file of the pages, which never changes under this name. */
  file(asset: PageAsset): void;
}

/** What the pages of a feature need. */
export interface PageOptions {
  /** The path that all of them are below, such as `/account`. */
  readonly root: string;
  /** The origin under which users reach the API; `undefined` in development: the `Host` of the request. */
  readonly origin: string | undefined;
  /** True to accept the `Host` of the request besides `origin`: in development. */
  readonly acceptsHost: boolean;
  /** What all of its pages may load and do. */
  readonly policy: PagePolicy;
  /** Writes the page of an error. */
  readonly onError: (c: Context<Env>, error: AppError) => PageAnswer;
}

export type CreatePageRoutes = (options: PageOptions) => PageRoutes;

interface PageParts extends ErrorReports {
  readonly bodies: BodyReader;
  /** True for a path whose failures are pages, also if there is no page. */
  readonly isPage: (path: string) => boolean;
}

/** The pages below one path, and how they answer failures. */
interface Area extends Pick<PageOptions, 'root' | 'onError'> {
  readonly respond: (c: Context<Env>, page: PageAnswer) => Response;
}

/**
 * Creates the registrar of pages, and answers their failures. Nothing inline and nothing foreign runs in them, and no
 * other site can frame them.
 */
export function createPageRouter(
  router: Hono<Env>,
  { bodies, isPage, ...reports }: PageParts,
): CreatePageRoutes {
  const areas: Area[] = [];
  const problem = problemOf(reports);
  router.onError((thrown, c) => {
    const { path } = c.req;
    const area = isPage(path) && areas.find(({ root }) => `${path}/`.startsWith(`${root}/`));
    return area
      ? area.respond(c, area.onError(c, reportError(reports, thrown, c)))
      : problem(thrown, c);
  });
  return (options) => {
    const respond = responderOf(options);
    areas.push({ ...options, respond });
    return routesOf(router, { ...options, bodies, respond });
  };
}

/** Creates the responses of pages, with the header fields that all of them have. */
function responderOf({ policy }: PageOptions): Area['respond'] {
  const headers = {
    'Cache-Control': 'no-store',
    'Content-Security-Policy': policyWith([policy]),
    'Content-Type': 'text/html; charset=utf-8',
    'Cross-Origin-Opener-Policy': 'same-origin',
    // Not `no-referrer`, under which browsers send `Origin: null` with forms (Fetch standard, section 3.2.5).
    'Referrer-Policy': 'same-origin',
  };

  function responseOf(c: Context<Env>, page: PageAnswer): Response {
    if ('to' in page) return redirect(c, page.to, 303);
    if ('file' in page) {
      const { name, parts } = page.file;
      return jsonStream(c, parts, {
        'Cache-Control': 'no-store',
        'Content-Disposition': `attachment; filename="${name}"`,
      });
    }
    return answer(c, String(page.markup), page.status ?? 200, {
      ...page.headers,
      ...headers,
      ...(page.policy && { 'Content-Security-Policy': policyWith([policy, page.policy]) }),
      Vary: VARY,
    });
  }

  return (c, page) => {
    const response = responseOf(c, page);
    for (const cookie of page.cookies ?? []) response.headers.append('Set-Cookie', cookie);
    return response;
  };
}

interface RouteParts extends PageOptions, Pick<PageParts, 'bodies'>, Pick<Area, 'respond'> {}

function routesOf(router: Hono<Env>, parts: RouteParts): PageRoutes {
  const { bodies, origin, acceptsHost, respond } = parts;

  /**
   * Rejects a form that a page of another origin submits. Every browser sends `Origin` with a form (Fetch standard),
   * and no other client has a reason to submit one.
   */
  function requireOwnOrigin(c: Context<Env>): void {
    const from = c.req.header('Origin');
    const isOwn =
      from !== undefined &&
      ((origin !== undefined && from === origin) || (acceptsHost && isOwnOrigin(from, c.req)));
    const site = c.req.header('Sec-Fetch-Site') ?? 'same-origin';
    if (!isOwn || site !== 'same-origin') throw new AppError('origin_refused');
  }

  return {
    get(path, handler) {
      router.get(path, async (c) => respond(c, await handler(c)));
    },

    post(path, handler) {
      router.post(path, async (c) => {
        try {
          requireOwnOrigin(c);
        } catch (error) {
          await bodies.drain(c);
          throw error;
        }
        await bodies.read(c, MAX_FORM_BYTES);
        return respond(c, await handler(c, await formFields(c)));
      });
    },

    put(path, handler) {
      router.put(path, async (c) => {
        let isRead = false;
        const read: ReadUpload = async (types, maxBytes) => {
          acceptType(c, types);
          isRead = true;
          await bodies.read(c, maxBytes);
          return new Uint8Array(c.get('body'));
        };
        try {
          requireOwnOrigin(c);
          return respond(c, await handler(c, read));
        } finally {
          if (!isRead) await bodies.drain(c, MAX_FILE_BYTES);
        }
      });
    },

    file({ path, text, type }) {
      router.get(path, (c) =>
        answer(c, text, 200, {
          'Cache-Control': 'public, max-age=31536000, immutable',
          'Content-Type': `${type}; charset=utf-8`,
        }),
      );
    },
  };
}

const VARY = 'Origin, Accept-Language, Cookie';

const policyWith = (policies: readonly PagePolicy[]): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    ...(policies.some(({ fetches }) => fetches) ? ["connect-src 'self'"] : []),
    ['img-src data:', ...policies.flatMap(({ imageSources = [] }) => imageSources)].join(' '),
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
