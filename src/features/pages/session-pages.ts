import type { AppError } from '../../core/errors.ts';
import { type Markup, markup } from '../../core/http/markup.ts';
import type { SessionService } from '../sessions/service.ts';
import type { Session } from '../sessions/session.ts';
import { agentRow } from './agent-row.ts';
import type { PageCookies } from './cookies.ts';
import { actionForm, attempt, failureOf, problemNotice } from './form.ts';
import type { Next, Page, UserVisit, View } from './page.ts';
import { type Done, SECURITY, withDone } from './target.ts';

interface SessionPageParts {
  readonly sessionService: Pick<SessionService, 'list' | 'end' | 'endAll'>;
  readonly cookies: Pick<PageCookies, 'session'>;
}

const PATH = '/account/sessions';

/** Lists and ends sessions. */
export function sessionPages({ sessionService, cookies }: SessionPageParts): readonly Page[] {
  function row(visit: UserVisit, session: Session): Markup {
    const { sessions } = visit.texts.account;
    const isCurrent = session.id === visit.login.session.id;
    return agentRow(visit, {
      of: session,
      labels: sessions,
      carried: { session: session.id },
      button: sessions.end,
      mark: isCurrent ? sessions.current : undefined,
    });
  }

  async function view(visit: UserVisit, error?: AppError): Promise<View> {
    const { title, about, endOthers, endAll } = visit.texts.account.sessions;
    const list = await sessionService.list(visit.login.user.id);
    const content = markup`${error && problemNotice(visit, error)}
<p>${about}</p>
<ul class="rows">
${list.map((session) => row(visit, session))}</ul>
<div class="actions">
${list.length > 1 ? actionForm(visit, { carried: { session: 'others' }, button: endOthers }) : ''}
${actionForm(visit, { carried: { session: 'all' }, button: endAll })}
</div>`;
    return { title, content, section: SECURITY, ...failureOf(error) };
  }

  const loggedOut = (done: Done): Next => ({
    to: withDone('/account/login', done),
    cookies: [cookies.session.clear()],
  });

  return [
    {
      path: PATH,
      access: 'user',
      show: (visit) => view(visit),

      async submit(visit, fields) {
        const { login, requester } = visit;
        const { user, session } = login;
        const ended = fields.get('session') ?? '';
        if (ended === 'all') {
          await sessionService.endAll(user.id, undefined, requester.caller);
          return loggedOut('allEnded');
        }
        if (ended === 'others') {
          await sessionService.endAll(user.id, session.id, requester.caller);
          return { to: withDone(PATH, 'sessionsEnded') };
        }
        const outcome = await attempt(['not_found'], () =>
          sessionService.end(ended, user.id, requester.caller),
        );
        if ('error' in outcome) return view(visit, outcome.error);
        return ended === session.id
          ? loggedOut('loggedOut')
          : { to: withDone(PATH, 'sessionEnded') };
      },
    },
  ];
}
