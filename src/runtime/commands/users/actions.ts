import type { Config } from '../../../config/config.ts';
import { CommandError, ConfigError } from '../../../core/errors.ts';
import { printable } from '../../../core/text.ts';
import type { Account, Invitation } from '../../../features/admin/account.ts';
import type { Directory, Status } from '../../../features/admin/directory.ts';
import { ADMIN, SUPPORT } from '../../../features/roles/role.ts';
import { isVerified } from '../../../features/users/user.ts';
import type { Accounts } from './accounts.ts';
import { inWords, notFound } from './failure.ts';
import { type ActOptions, actOf, type OutputOptions, wantsJson } from './operator.ts';
import { nameOf, printAccount, printJson, printList } from './print.ts';
import { ask, ownTerminal } from './terminal.ts';
import type { Verb } from './verbs.ts';

/** Accounts per page, the most that a directory returns. */
const PAGE = 100;

export interface ListOptions extends OutputOptions {
  readonly query?: string;
  readonly role?: string;
  readonly status?: Status;
  readonly limit: number;
}

/** Lists accounts, page by page up to a limit. */
export async function list(
  { directory, viewOf }: Pick<Accounts, 'directory' | 'viewOf'>,
  { query, role, status, limit, ...output }: ListOptions,
): Promise<void> {
  const items: Account[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<Directory['list']>> = await inWords(query ?? '', () =>
      directory.list({
        ...{ q: query, role, status },
        cursor: cursor ?? undefined,
        limit: Math.min(PAGE, limit - items.length),
      }),
    );
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null && items.length < limit);
  printList({ items, nextCursor: cursor }, wantsJson(output), viewOf);
}

/** @throws CommandError if there is no such account */
export async function find(
  { directory }: Pick<Accounts, 'directory'>,
  who: string,
): Promise<Account> {
  const account = await inWords(who, () => directory.findByName(who));
  if (!account) throw notFound(who);
  return account;
}

/**
 * Asks whether something may be lost, unless `--yes` is given. After another answer than yes, the exit code is 1, or 130
 * for Ctrl-C.
 */
export async function mayLose(question: string, { yes = false }: ActOptions): Promise<boolean> {
  if (yes) return true;
  const reply = await ask(question, ownTerminal());
  if (reply === 'yes') return true;
  console.error('Nothing was changed.');
  process.exitCode = reply === 'interrupted' ? 130 : 1;
  return false;
}

/** Does one thing to one account, after a question if something is lost. */
export async function act(
  accounts: Accounts,
  verb: Verb,
  who: string,
  options: ActOptions,
): Promise<void> {
  const { service, later } = accounts;
  const account = await find(accounts, who);
  const subject = nameOf(account);
  const { id } = account;
  const question = verb.loss && `${titleOf(verb.name)} ${subject}? ${verb.loss}`;
  if (question && !(await mayLose(question, options))) return;
  const changed = await inWords(who, () => verb.run(service, id, actOf(options, later)));
  if (wantsJson(options)) {
    if (changed) printAccount(changed, true, accounts.viewOf);
    else printJson({ id, deleted: true });
  } else console.log(`${verb.done}: ${subject}`);
}

/** Grants or revokes roles, and leaves the others. */
export async function changeRoles(
  accounts: Accounts,
  change: 'grant' | 'revoke',
  who: string,
  roles: readonly string[],
  options: ActOptions,
): Promise<void> {
  const { service, later } = accounts;
  const account = await find(accounts, who);
  const { id } = account;
  if (change === 'grant' && !options.yes) requireOwner(account, who, roles);
  const question = `Revoke ${roles.join(', ')} from ${nameOf(account)}?`;
  if (change === 'revoke' && !(await mayLose(question, options))) return;
  const changed = await inWords(who, () =>
    change === 'grant'
      ? service.grantRoles(id, roles, actOf(options, later))
      : service.revokeRoles(id, roles, actOf(options, later)),
  );
  if (wantsJson(options)) printAccount(changed, true, accounts.viewOf);
  else console.log(`Roles of ${nameOf(changed)}: ${changed.roles.join(', ') || 'none'}`);
}

/**
 * Anybody can sign up with the address of somebody else, and so receive the roles that are meant for its owner.
 *
 * @throws CommandError for roles of staff, if `who` is an address that the account has not verified
 */
function requireOwner(account: Account, who: string, roles: readonly string[]): void {
  const name = who.trim();
  if (name === String(account.id) || !roles.some((role) => role === ADMIN || role === SUPPORT))
    return;
  if (isVerified(account, name.includes('@') ? 'email' : 'phone')) return;
  throw new CommandError(
    `${printable(name)} is not verified: somebody else may have signed up with it. If you know that account ${account.id} is the right one, grant by its id or add --yes.`,
  );
}

/** Creates an account and sends the link that sets its password. */
export async function invite(
  { service, later, viewOf }: Accounts,
  invitation: Invitation,
  options: ActOptions,
): Promise<void> {
  const account = await inWords('', () => service.invite(invitation, actOf(options, later)));
  if (wantsJson(options)) printAccount(account, true, viewOf);
  else {
    console.log(`Created: ${nameOf(account)}. A message brings the link that sets its password.`);
  }
}

/** Prints a link that sets a new password once. */
export async function resetLink(
  accounts: Accounts,
  who: string,
  options: ActOptions,
): Promise<void> {
  const { service, later } = accounts;
  const account = await find(accounts, who);
  const link = await inWords(who, () => service.resetLink(account.id, actOf(options, later)));
  printLink(account, link, options);
}

function printLink(account: Account, link: string, options: ActOptions): void {
  if (wantsJson(options)) printJson({ id: account.id, link });
  else console.log(link);
  console.error(
    `This link is a secret: whoever opens it sets the password of ${nameOf(account)}, once. Give it to nobody else.`,
  );
}

/** @throws ConfigError if no setting says where a link of a new password leads */
export function requireLinkTarget({
  environment,
  messages: { publicUrl, appLinks },
  pages,
}: Config): void {
  if (appLinks.reset !== undefined || environment === 'development') return;
  if (publicUrl === undefined) {
    throw new ConfigError(['PUBLIC_URL: must be set, because the link begins with it']);
  }
  if (!pages.isServed) {
    throw new ConfigError(['APP_LINKS: must contain reset, because PAGES is off']);
  }
}

const titleOf = (verb: string): string => verb.charAt(0).toUpperCase() + verb.slice(1);
