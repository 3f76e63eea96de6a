import { type Markup, markup } from '../../core/http/markup.ts';
import type { Account } from '../admin/account.ts';
import type { Status } from '../admin/directory.ts';
import { type Field, fieldOf } from '../pages/form.ts';
import type { StaffVisit } from '../pages/page.ts';
import { pathWith, USER } from './paths.ts';
import { ADMIN_TEXTS } from './texts/texts.ts';

/** What to call an account: its name, else an address, else its id. */
export const nameOf = ({ id, name, email, phone }: Account): string =>
  name || email || phone || `#${id}`;

/** A link to the page of an account. */
export const userLink = (visit: StaffVisit, id: number, label: string): Markup =>
  markup`<bdi><a href="${visit.href(pathWith(USER, { id }))}">${label}</a></bdi>`;

/** What a kind of accounts is called. */
export const statusText = ({ locale, texts }: StaffVisit, status: Status): string =>
  status === 'unverified'
    ? texts.account.overview.unverified
    : ADMIN_TEXTS[locale].users.statuses[status];

/** What kinds of accounts an account belongs to, in the words of the filter. */
export function statusesOf(visit: StaffVisit, account: Account, now: number): string {
  const { disabledAt, lockedUntil, emailVerifiedAt, phoneVerifiedAt } = account;
  const statuses: readonly Status[] = [
    disabledAt === null ? 'active' : 'disabled',
    ...(lockedUntil !== null && lockedUntil > now ? (['locked'] as const) : []),
    ...(emailVerifiedAt === null && phoneVerifiedAt === null ? (['unverified'] as const) : []),
  ];
  return statuses.map((status) => statusText(visit, status)).join(', ');
}

/** A form that filters a list by the parameters of the address. */
export const filterForm = (visit: StaffVisit, path: string, fields: readonly Field[]): Markup =>
  markup`<form id="search" role="search" action="${visit.href(path)}" data-again><div class="filters">
${fields.map((field) =>
  fieldOf({ ...field, isOptional: true }, field.name),
)}<p><button>${ADMIN_TEXTS[visit.locale].filter}</button></p></div></form>`;

/** The links to the first and the next page of a list. */
export function pageLinks(
  visit: StaffVisit,
  path: string,
  {
    filters,
    nextCursor,
  }: {
    readonly filters: Readonly<Record<string, string | number | undefined>>;
    readonly nextCursor: string | null;
  },
): Markup {
  const { first, more } = ADMIN_TEXTS[visit.locale];
  const link = (cursor: string | undefined, label: string) =>
    markup`<a href="${visit.href(pathWith(path, { ...filters, cursor }))}">${label}</a>`;
  return markup`<p class="actions">${visit.query.has('cursor') && link(undefined, first)}
${nextCursor !== null && link(nextCursor, more)}</p>`;
}

/** A parameter of the address without white space around it; `undefined` if it is empty. */
export const parameter = ({ query }: StaffVisit, name: string): string | undefined =>
  query.get(name)?.trim() || undefined;
