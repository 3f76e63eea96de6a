import type { Context } from 'hono';
import { AppError } from '../../core/errors.ts';
import type { Env } from '../../core/http/env.ts';
import { markup } from '../../core/http/markup.ts';
import type { PageAnswer, PageRoutes, ReadUpload } from '../../core/http/pages.ts';
import { ADMIN, SUPPORT } from '../roles/role.ts';
import { isFresh } from '../sessions/session.ts';
import type { PageCookies } from './cookies.ts';
import { failureOf, problemText } from './form.ts';
import type { Layout } from './layout.ts';
import type { Next, Outcome, Page, PageSteps, Visit } from './page.ts';
import { CONFIRM, HOME, withTarget } from './target.ts';
import { isLoggedIn, isStaff, type Visitors } from './visits.ts';

const LOG_IN = '/account/login';

interface PageRouteParts {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly visitors: Visitors;
  readonly layout: Layout;
  readonly cookies: Pick<PageCookies, 'session'>;
}

/** The address of a page, with the parameters without which it is another one. */
function addressOf({ path, keeps = [] }: Page, { query }: Visit): string {
  const kept = new URLSearchParams();
  for (const name of keeps) {
    const value = query.get(name);
    if (value !== null) kept.set(name, value);
  }
  return kept.size === 0 ? path : `${path}?${kept}`;
}

/** Writes the page of an error that no form shows, with a link to the page that failed, or else to the account. */
export const errorPage =
  (pages: readonly Page[], { visitors, layout }: Pick<PageRouteParts, 'visitors' | 'layout'>) =>
  (c: Context<Env>, error: AppError): PageAnswer => {
    const visit = visitors.anonymous(c);
    const failure = failureOf(error);
    const failed =
      error.code === 'forbidden'
        ? undefined
        : pages.find(({ path, show }) => path === c.req.path && show);
    const { frame, account } = visit.texts;
    const isMissing = failure.status === 404 || failure.status === 405;
    const content = markup`<p role="alert">${isMissing ? frame.noPage : problemText(visit, error.code)}</p>
<p><a href="${visit.href(failed ? addressOf(failed, visit) : HOME)}">${failed ? frame.again : account.overview.title}</a></p>`;
    const view = { title: frame.error, content, ...failure };
    return { markup: layout(visit, view, ''), ...failure };
  };

/** The steps of a page for one visit. */
interface Steps {
  readonly show: (() => Outcome | Promise<Outcome>) | undefined;
  readonly submit: ((fields: URLSearchParams) => Promise<Outcome>) | undefined;
  readonly upload: ((read: ReadUpload) => Promise<Outcome>) | undefined;
}

const bind = <Visitor extends Visit>(
  { show, submit, upload }: PageSteps<Visitor>,
  visit: Visitor,
): Steps => ({
  show: show && (() => show(visit)),
  submit: submit && ((fields) => submit(visit, fields)),
  upload: upload && ((read) => upload(visit, read)),
});

/** Registers pages, each for the visitors that it is for. */
export function addPages(routes: PageRoutes, pages: readonly Page[], parts: PageRouteParts): void {
  const { clock, visitors, layout, cookies } = parts;

  /** Visitors whom a page is not for are led to a login first. */
  function admit(page: Page, visit: Visit): Steps | Next {
    if (page.access === 'open') return bind(page, visit);
    const address = addressOf(page, visit);
    if (!isLoggedIn(visit)) return { to: withTarget(LOG_IN, address) };
    const confirm = isFresh(visit.login.session, clock())
      ? undefined
      : { to: withTarget(CONFIRM, address) };
    if (page.access === 'user') return bind(page, visit);
    if (page.access === 'fresh') return confirm ?? bind(page, visit);
    const roles = page.access === 'admin' ? [ADMIN] : [ADMIN, SUPPORT];
    if (!isStaff(visit, roles)) throw new AppError('forbidden');
    return (page.access === 'admin' ? confirm : undefined) ?? bind(page, visit);
  }

  /** Runs a step. A session that ends meanwhile leads to the login, like one that has ended before. */
  async function outcomeOf(
    address: string,
    run: () => Promise<Outcome | undefined>,
  ): Promise<Outcome> {
    try {
      const outcome = await run();
      if (outcome) return outcome;
      throw new AppError('not_found');
    } catch (error) {
      const code = error instanceof AppError ? error.code : undefined;
      if (code === 'invalid_token') {
        return { to: withTarget(LOG_IN, address), cookies: [cookies.session.clear()] };
      }
      if (code === 'reauthentication_required') return { to: withTarget(CONFIRM, address) };
      throw error;
    }
  }

  function answerOf(
    visit: Visit,
    outcome: Outcome,
    path: string,
    common: readonly string[],
  ): PageAnswer {
    const all = [...common, ...(outcome.cookies ?? [])];
    if ('to' in outcome) return { to: visit.href(outcome.to), cookies: all };
    if ('file' in outcome) return { file: outcome.file, cookies: all };
    const { status = 200, headers = {}, policy } = outcome;
    return { markup: layout(visit, outcome, path), status, headers, policy, cookies: all };
  }

  /**
   * Runs a step of a page for its visitor.
   *
   * @param sent the token of what a form or a script sends; left out for a step that changes nothing
   */
  async function answerTo(
    c: Context<Env>,
    page: Page,
    run: (steps: Steps) => Outcome | Promise<Outcome> | undefined,
    sent?: { readonly token: string | null | undefined },
  ): Promise<PageAnswer> {
    const { path } = page;
    const { visit, cookies: common } = await visitors.open(c);
    const steps = admit(page, visit);
    if ('to' in steps) return answerOf(visit, steps, path, common);
    if (sent) visitors.requireToken(c, visit, sent.token);
    const outcome = await outcomeOf(addressOf(page, visit), async () => run(steps));
    return answerOf(visit, outcome, path, common);
  }

  for (const page of pages) {
    const { path } = page;
    if (page.show) routes.get(path, (c) => answerTo(c, page, ({ show }) => show?.()));
    if (page.submit) {
      routes.post(path, (c, fields) =>
        answerTo(c, page, ({ submit }) => submit?.(fields), { token: fields.get('form') }),
      );
    }
    if (page.upload) {
      routes.put(path, (c, read) =>
        answerTo(c, page, ({ upload }) => upload?.(read), { token: c.req.header('Form-Token') }),
      );
    }
  }
}
