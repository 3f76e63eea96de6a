import { markup } from '../../core/http/markup.ts';
import type { Account } from '../admin/account.ts';
import { type Directory, STATUSES, type Status } from '../admin/directory.ts';
import { attempt, failureOf, problemNotice } from '../pages/form.ts';
import type { Page, StaffVisit } from '../pages/page.ts';
import {
  filterForm,
  nameOf,
  pageLinks,
  parameter,
  statusesOf,
  statusText,
  userLink,
} from './parts.ts';
import { INVITE, mayWrite, USERS } from './paths.ts';
import { ADMIN_TEXTS, filled } from './texts/texts.ts';

interface UserListParts {
  readonly directory: Pick<Directory, 'list'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Accounts per page. */
const PAGE_SIZE = 50;

/** Searches accounts. */
export function userListPages({ directory, clock }: UserListParts): readonly Page[] {
  function row(visit: StaffVisit, account: Account) {
    const { id, email, phone, roles } = account;
    const name = nameOf(account);
    const hints = [email, phone].filter((address) => address !== null && address !== name);
    return markup`<li><div><strong>${userLink(visit, id, name)}</strong>
${hints.map((address) => markup`<p class="hint"><bdi>${address}</bdi></p>\n`)}</div>
<p class="hint">${[statusesOf(visit, account, clock()), ...roles].join(', ')}</p></li>
`;
  }

  return [
    {
      path: USERS,
      access: 'staff',
      async show(visit) {
        const { users, any, invite } = ADMIN_TEXTS[visit.locale];
        const [q, role, chosen] = ['q', 'role', 'status'].map((name) => parameter(visit, name));
        const status: Status | undefined = STATUSES.find((each) => each === chosen);
        const filters = { q, role, status };
        const query = { ...filters, cursor: parameter(visit, 'cursor'), limit: PAGE_SIZE };
        const outcome = await attempt(['validation_failed'], () => directory.list(query));
        const error = 'error' in outcome ? outcome.error : undefined;
        const { items, nextCursor } =
          'error' in outcome ? { items: [], nextCursor: null } : outcome.result;
        const found = nextCursor === null ? users.found : users.foundMore;
        const content = markup`${
          mayWrite(visit) && markup`<p><a href="${visit.href(INVITE)}">${invite.title}</a></p>`
        }
${filterForm(visit, USERS, [
  { name: 'q', label: users.q, autocomplete: 'off', value: q },
  { name: 'role', label: users.roles, autocomplete: 'off', value: role, maxLength: 32 },
  {
    name: 'status',
    label: users.status,
    autocomplete: 'off',
    value: status,
    options: [['', any], ...STATUSES.map((each) => [each, statusText(visit, each)] as const)],
  },
])}
<p id="count" role="status">${filled(found, { count: items.length })}</p>
<div id="results">${error && problemNotice(visit, error)}<ul class="rows">
${items.map((account) => row(visit, account))}</ul>
${pageLinks(visit, USERS, { filters, nextCursor })}</div>`;
        return { title: users.title, content, ...failureOf(error) };
      },
    },
  ];
}
