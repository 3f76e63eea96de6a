import type { Config } from '../../config/config.ts';
import { AppError } from '../../core/errors.ts';
import { type Markup, markup } from '../../core/http/markup.ts';
import type { FileStore } from '../../core/ports.ts';
import type { Account } from '../admin/account.ts';
import type { AuditRecord } from '../admin/record.ts';
import type { AdminService } from '../admin/service.ts';
import { agentRow } from '../pages/agent-row.ts';
import { pictureOf } from '../pages/avatar-pages.ts';
import { attempt } from '../pages/form.ts';
import type { Page, StaffVisit, View } from '../pages/page.ts';
import { createProfileForm } from '../pages/profile-form.ts';
import { timeOf, timeText } from '../pages/time.ts';
import type { SessionStore } from '../sessions/store.ts';
import { ACTIONS, isOffered } from './actions.ts';
import { entryRow } from './audit-page.ts';
import { nameOf, pageLinks, parameter, statusesOf } from './parts.ts';
import { ACT, AUDIT, idIn, mayWrite, pathWith, USER, USERS } from './paths.ts';
import { ADMIN_TEXTS, filled } from './texts/texts.ts';

interface UserPageParts {
  readonly config: Pick<Config, 'profileFields'>;
  readonly admins: Pick<AdminService, 'find'>;
  readonly auditRecord: AuditRecord;
  readonly sessions: Pick<SessionStore, 'list'>;
  readonly files: FileStore | undefined;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Events per page. */
const PAGE_SIZE = 20;

/** Shows what is known of one account, and leads to what can be done with it. */
export function userPages(parts: UserPageParts): readonly Page[] {
  const { admins, auditRecord, sessions, files, clock } = parts;
  const form = createProfileForm(parts.config);

  function facts(visit: StaffVisit, account: Account): Markup {
    const { frame, account: own } = visit.texts;
    const { users, user } = ADMIN_TEXTS[visit.locale];
    const { none, verified, unverified } = own.overview;
    const now = clock();
    const fact = (label: string, value: Markup | string) =>
      markup`<dt>${label}</dt><dd>${value}</dd>\n`;
    const address = (text: string | null, verifiedAt: number | null) =>
      text === null
        ? none
        : markup`<bdi>${text}</bdi> (${verifiedAt === null ? unverified : verified})`;
    const { disabledAt, lockedUntil } = account;
    return markup`<dl>
${fact(
  users.status,
  markup`${statusesOf(visit, account, now)}${
    disabledAt !== null && markup` (${timeOf(visit, disabledAt)})`
  }${
    lockedUntil !== null &&
    lockedUntil > now &&
    ` (${filled(user.until, { time: timeText(visit, lockedUntil) })})`
  }`,
)}${fact(users.roles, account.roles.join(', ') || none)}${fact(
  frame.fields.email,
  address(account.email, account.emailVerifiedAt),
)}${fact(frame.fields.phone, address(account.phone, account.phoneVerifiedAt))}${fact(
  frame.fields.name,
  markup`<bdi>${account.name || none}</bdi>`,
)}${markup`<dt>${user.bio}</dt><dd class="prose" dir="auto">${account.bio || none}</dd>\n`}${fact(
  own.profile.language,
  account.locale ?? none,
)}${fact(own.profile.timeZone, account.timeZone ?? none)}${form
  .shown(account)
  .map(
    ([label, text]) => markup`<dt>${label}</dt><dd class="prose" dir="auto">${text}</dd>\n`,
  )}${fact(
  frame.fields.password,
  account.hasPassword ? user.yes : user.no,
)}${fact(user.since, timeOf(visit, account.createdAt))}</dl>`;
  }

  function actions(visit: StaffVisit, account: Account): Markup {
    const texts = ADMIN_TEXTS[visit.locale];
    return markup`<ul class="links">
${ACTIONS.filter((name) => isOffered(name, account)).map(
  (name) =>
    markup`<li><a href="${visit.href(pathWith(ACT, { id: account.id, do: name }))}">${texts.actions[name].name}</a></li>\n`,
)}</ul>`;
  }

  async function view(visit: StaffVisit, id: number): Promise<View> {
    const { user } = ADMIN_TEXTS[visit.locale];
    const { activity, sessions: labels } = visit.texts.account;
    const query = { subject: id, cursor: parameter(visit, 'cursor'), limit: PAGE_SIZE };
    const [account, live, events] = await Promise.all([
      admins.find(id),
      sessions.list(id),
      auditRecord.list(query),
    ]);
    const { avatarKey } = account;
    const isShown = files !== undefined && avatarKey !== null;
    const content = markup`${isShown && pictureOf(visit, avatarKey, user.picture)}
${facts(visit, account)}
${mayWrite(visit) && actions(visit, account)}
<h2>${labels.title}</h2>
${live.length === 0 && markup`<p>${visit.texts.account.overview.none}</p>`}<ul class="rows">
${live.map((session) => agentRow(visit, { of: session, labels }))}</ul>
<h2>${activity.title}</h2>
<p><a href="${visit.href(pathWith(AUDIT, { actor: id }))}">${user.asActor}</a></p>
${events.items.length === 0 && markup`<p>${activity.none}</p>`}<ul class="rows">
${events.items.map((entry) => entryRow(visit, entry))}</ul>
${pageLinks(visit, USER, { filters: { id }, nextCursor: events.nextCursor })}`;
    const policy = isShown ? { imageSources: ["'self'"] } : {};
    return { title: nameOf(account), content, section: USERS, policy };
  }

  return [
    {
      path: USER,
      access: 'staff',
      keeps: ['id'],
      show: (visit) => ofAccount(visit, (id) => view(visit, id)),
    },
  ];
}

/** Shows a page of the account that the address names, or says that there is no such account. */
export async function ofAccount<Result>(
  visit: StaffVisit,
  show: (id: number) => Promise<Result>,
): Promise<Result | View> {
  const outcome = await attempt(['not_found'], async () => {
    const id = idIn(visit.query.get('id'));
    if (id === undefined) throw new AppError('not_found');
    return show(id);
  });
  if ('result' in outcome) return outcome.result;
  const { users, noAccount } = ADMIN_TEXTS[visit.locale];
  const content = markup`<p role="alert">${noAccount}</p>
<p><a href="${visit.href(USERS)}">${users.title}</a></p>`;
  return { title: users.title, content, section: USERS, status: 404 };
}
