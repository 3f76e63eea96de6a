import { type Markup, markup } from '../../core/http/markup.ts';
import type { RecordedEvent } from '../audit/event.ts';
import type { AuditStore } from '../audit/store.ts';
import { agentName } from './agent.ts';
import type { Page, Visit } from './page.ts';
import { SECURITY } from './target.ts';
import { timeOf } from './time.ts';

const PATH = '/account/activity';
/** Events per page. */
const PAGE_SIZE = 50;
const CURSOR = /^[1-9]\d{0,14}$/;

/** Lists what has happened to the account. */
export const activityPages = ({
  audit,
}: {
  readonly audit: Pick<AuditStore, 'list'>;
}): readonly Page[] => [
  {
    path: PATH,
    access: 'user',
    async show(visit) {
      const { title, about, none, older, newest } = visit.texts.account.activity;
      const cursor = visit.query.get('before') ?? '';
      const before = CURSOR.test(cursor) ? Number(cursor) : undefined;
      const events = await audit.list(visit.login.user.id, before, PAGE_SIZE + 1);
      const page = events.slice(0, PAGE_SIZE);
      const last = page.at(-1);
      const next = events.length > PAGE_SIZE && last ? `${PATH}?before=${last.id}` : undefined;
      const content = markup`<p>${page.length === 0 ? none : about}</p>
<ul class="rows">
${page.map((event) => eventRow(visit, event))}</ul>
<p class="actions">${before !== undefined && markup`<a href="${visit.href(PATH)}">${newest}</a>`}
${next && markup`<a href="${visit.href(next)}">${older}</a>`}</p>`;
      return { title, content, section: SECURITY };
    },
  },
];

type ShownEvent = Pick<RecordedEvent, 'action' | 'outcome' | 'at' | 'address' | 'userAgent'> &
  Partial<Pick<RecordedEvent, 'isByAdministrator'>>;

/** @param more what else is known of the event */
export function eventRow(visit: Visit, event: ShownEvent, more?: Markup): Markup {
  const { action, outcome, at, address, userAgent, isByAdministrator = 0 } = event;
  const { agent, activity } = visit.texts.account;
  const actions: Readonly<Record<string, string>> = activity.actions;
  // A newer version of the server may have recorded an action that this one does not know.
  const name = Object.hasOwn(actions, action) ? actions[action] : action;
  const origin =
    isByAdministrator === 0
      ? markup`<bdi>${agentName(userAgent, agent)}</bdi>${address !== null && markup`, <bdi>${address}</bdi>`}`
      : activity.byAdministrator;
  return markup`<li><div><strong>${name}</strong>${outcome === 'failure' && markup` (${activity.failed})`}
<p class="hint">${timeOf(visit, at)}</p>
<p class="hint">${origin}</p>
${more}</div></li>
`;
}
