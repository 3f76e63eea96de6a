import type { Context } from 'hono';
import type { Config } from '../../config/config.ts';
import { AppError } from '../../core/errors.ts';
import type { Env } from '../../core/http/env.ts';
import type { Logger } from '../../core/log.ts';
import { requesterOf } from '../codes/requester.ts';
import { localeOf } from '../messages/locale.ts';
import type { SessionStore } from '../sessions/store.ts';
import { createVisits } from '../sessions/visits.ts';
import type { PageCookies } from './cookies.ts';
import type { PageLogin, StaffVisit, UserVisit, Visit } from './page.ts';
import { TEXTS } from './texts/texts.ts';

export interface VisitorParts {
  readonly config: Pick<Config, 'pages'>;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly sessions: Pick<SessionStore, 'findLive' | 'isTouchDue' | 'touch' | 'changeNetwork'>;
  readonly cookies: PageCookies;
}

/** A visit, and the cookies that its answer sets. */
export interface Opened {
  readonly visit: Visit;
  readonly cookies: readonly string[];
}

/** Finds out who requests a page. */
export interface Visitors {
  /** Asks the database for the session of the cookie, like a guard of the API. */
  open(c: Context<Env>): Promise<Opened>;
  /** A visit without a look at the database, for the page of an error. */
  anonymous(c: Context<Env>): Visit;
  /**
   * @param token what the form, or the script that sends a file, has as its token
   * @throws AppError `origin_refused` if the form is not one of this browser in this session
   */
  requireToken(c: Context<Env>, visit: Visit, token: string | null | undefined): void;
}

type FindLogin = (sessionId: string, userId: number) => Promise<PageLogin | undefined>;

export const isLoggedIn = (visit: Visit): visit is UserVisit => visit.login !== undefined;

/** True if the visitor has one of the roles. */
export const isStaff = (visit: Visit, roles: readonly string[]): visit is StaffVisit =>
  visit.login?.roles?.some((role) => roles.includes(role)) ?? false;

/** @param find finds the session of a cookie and its user */
export function createVisitors(
  parts: VisitorParts,
  find: FindLogin = (id, userId) => parts.sessions.findLive(id, userId),
): Visitors {
  const { config, log, sessions, cookies } = parts;
  const { basePath } = config.pages;
  const recorder = createVisits(parts);

  async function findLogin(c: Context<Env>): Promise<PageLogin | undefined> {
    const named = cookies.open(cookies.session.read(c));
    const live = named && (await find(named.id, named.userId));
    if (live && sessions.isTouchDue(live.session)) {
      await recorder.touch(live.session, live.user.id, c.get('caller'));
    }
    return live;
  }

  function visitOf(c: Context<Env>, login: PageLogin | undefined, formValue: string): Visit {
    const locale = localeOf(c.req.header('Accept-Language'));
    return {
      texts: TEXTS[locale],
      locale,
      login,
      requester: requesterOf(c, log),
      deviceToken: cookies.device.read(c),
      query: new URL(c.req.url).searchParams,
      formToken: cookies.formToken(formValue, login?.session.id),
      href: (path) => `${basePath}${path}`,
    };
  }

  return {
    async open(c) {
      const login = await findLogin(c);
      const given = cookies.form.read(c);
      const formValue = cookies.formValue(given);
      const isSessionGone = cookies.session.read(c) !== undefined && !login;
      return {
        visit: visitOf(c, login, formValue),
        cookies: [
          ...(formValue === given ? [] : [cookies.form.set(formValue)]),
          ...(isSessionGone ? [cookies.session.clear()] : []),
        ],
      };
    },

    anonymous: (c) => visitOf(c, undefined, ''),

    requireToken(c, { login }, token) {
      if (!cookies.isFormToken(token ?? '', cookies.form.read(c), login?.session.id)) {
        throw new AppError('origin_refused');
      }
    },
  };
}
