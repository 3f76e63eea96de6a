import { Option, type Command as Parser } from 'commander';
import type { Config } from '../../config/config.ts';
import { STATUSES } from '../../features/admin/directory.ts';
import { LOCALES } from '../../features/messages/message.ts';
import { readCommandConfig, readD1Config, readDatabaseConfig } from '../ports/environment.ts';
import { requireNewFile } from '../ports/output.ts';
import { type Command, listSettings, runsOnDatabase } from './command.ts';
import { existingFile } from './database-file.ts';
import { type Accounts, withAccounts, withD1Accounts } from './users/accounts.ts';
import {
  act,
  changeRoles,
  find,
  invite,
  type ListOptions,
  list,
  requireLinkTarget,
  resetLink,
} from './users/actions.ts';
import { type ExportOptions, exportAccount } from './users/export.ts';
import { type InviteOptions, invitationOf } from './users/invitation.ts';
import { type ActOptions, type OutputOptions, wantsJson } from './users/operator.ts';
import { printAccount } from './users/print.ts';
import { numberUpTo, roleOf, WHO, withAct, withD1, withJson, withYes } from './users/subcommand.ts';
import { canAsk, ownTerminal } from './users/terminal.ts';
import { VERBS } from './users/verbs.ts';
import type { D1Place } from './users/wrangler.ts';

const PURPOSE = `Lists, invites, changes and deletes accounts in the database at DATABASE_URL. Servers keep running.

WHO is an id, an email address or a phone number. Every change is recorded in the audit log, with the operator and the reason. For D1, there are grant and reset-link: --d1 NAME --local or --remote.

The exit code is 0, 1 for a failure, 2 for invalid arguments or a missing --yes, 130 after Ctrl-C at a question.`;

const NAMES = ['disable', 'enable', 'unlock', 'sign-out', 'reset-link', 'delete', 'export'];

interface D1Options {
  readonly d1?: string;
  readonly local?: boolean;
  readonly remote?: boolean;
}

/** `latchkey users list | show WHO | create --invite | grant WHO ROLE… | …` */
export const users: Command = {
  name: 'users',
  summary: 'List, invite, change and delete accounts.',
  purpose: PURPOSE,
  usage: `list | show WHO | create --invite | grant WHO ROLE... | revoke WHO ROLE... | ${NAMES.map((name) => `${name} WHO`).join(' | ')}`,
  define(parser) {
    for (const define of [
      ...[defineList, defineShow, defineCreate, defineGrant, defineRevoke],
      ...[defineVerbs, defineResetLink, defineExport],
    ]) {
      define(parser);
    }
  },
};

/** Creates the parser of a subcommand. Its help lists the settings that it reads. */
function subcommand(parser: Parser, name: string, summary: string, usage: string): Parser {
  return listSettings(parser.command(name), 'users')
    .description(summary)
    .showHelpAfterError(`Usage: latchkey users ${name} ${usage}`.trimEnd());
}

/** Opens the database of the settings, which must exist. */
async function onDatabase(
  run: (accounts: Accounts, config: Config) => Promise<void>,
  check: (config: Config) => void = () => {},
): Promise<void> {
  existingFile(readDatabaseConfig().databaseUrl);
  const config = readCommandConfig('users');
  check(config);
  await withAccounts(config, (accounts) => run(accounts, config));
}

/** Ends the program if a question would be needed and nobody can be asked. */
function requireYes(parser: Parser, { yes = false }: { readonly yes?: boolean }): void {
  if (yes || canAsk(ownTerminal())) return;
  parser.error('This asks first, and there is no terminal. Add --yes to do it without a question.');
}

function defineList(parser: Parser): void {
  const parsed = withJson(subcommand(parser, 'list', 'List accounts.', '[--query TEXT]'))
    .option('--query <TEXT>', 'Beginning of an email address, a name or a phone number.')
    .option('--role <ROLE>', 'Only accounts with this role.', (text) => roleOf(text)[0])
    .addOption(new Option('--status <STATUS>', 'Only such accounts.').choices(STATUSES))
    .option('--limit <N>', 'At most this many.', numberUpTo(1_000_000), 50);
  runsOnDatabase(parsed, (options: ListOptions) =>
    onDatabase((accounts) => list(accounts, options)),
  );
}

function defineShow(parser: Parser): void {
  const parsed = withJson(
    subcommand(parser, 'show', 'Show an account.', 'WHO').argument('<WHO>', WHO),
  );
  runsOnDatabase(parsed, (who: string, options: OutputOptions) =>
    onDatabase(async (accounts) =>
      printAccount(await find(accounts, who), wantsJson(options), accounts.viewOf),
    ),
  );
}

function defineCreate(parser: Parser): void {
  const parsed = withAct(
    subcommand(
      parser,
      'create',
      'Create an account, and send a link that sets its password.',
      '--invite --email ADDRESS | --phone NUMBER',
    ),
  )
    .requiredOption('--invite', 'Send the link. Nobody sets a password for anybody else.')
    .option('--email <ADDRESS>', 'Its email address.')
    .option('--phone <NUMBER>', 'Its phone number.')
    .option('--name <NAME>', 'Its display name.')
    .option('--role <ROLE...>', 'Its roles.', roleOf)
    .addOption(
      new Option('--locale <LOCALE>', 'Language of the message.').choices(LOCALES).default('en'),
    );
  runsOnDatabase(parsed, async (options: InviteOptions) => {
    const invitation = invitationOf(options, (words) => parsed.error(words));
    await onDatabase((accounts) => invite(accounts, invitation, options));
  });
}

function defineGrant(parser: Parser): void {
  const parsed = withD1(
    withAct(
      subcommand(parser, 'grant', 'Give an account more roles.', 'WHO ROLE...')
        .argument('<WHO>', WHO)
        .argument('<ROLE...>', 'admin and support have a meaning here; others are yours.', roleOf),
    ),
  ).option('--yes', 'Also admin and support by an address that the account has not verified.');
  runsOnDatabase(parsed, (who: string, roles: string[], options: ActOptions & D1Options) => {
    const grant = (accounts: Accounts) => changeRoles(accounts, 'grant', who, roles, options);
    const place = placeOf(parsed, options);
    // Nothing is hashed or encrypted, so any secret will do.
    return place ? withD1Accounts(place, readD1Config(false), grant) : onDatabase(grant);
  });
}

function defineRevoke(parser: Parser): void {
  const parsed = withYes(
    withAct(
      subcommand(parser, 'revoke', 'Take roles away from an account.', 'WHO ROLE...')
        .argument('<WHO>', WHO)
        .argument('<ROLE...>', 'Its other roles stay.', roleOf),
    ),
  );
  runsOnDatabase(parsed, (who: string, roles: string[], options: ActOptions) => {
    requireYes(parsed, options);
    return onDatabase((accounts) => changeRoles(accounts, 'revoke', who, roles, options));
  });
}

function defineVerbs(parser: Parser): void {
  for (const verb of VERBS) {
    const each = withAct(subcommand(parser, verb.name, verb.summary, 'WHO').argument('<WHO>', WHO));
    const parsed = verb.loss === undefined ? each : withYes(each);
    runsOnDatabase(parsed, (who: string, options: ActOptions) => {
      if (verb.loss !== undefined) requireYes(parsed, options);
      return onDatabase((accounts) => act(accounts, verb, who, options));
    });
  }
}

function defineResetLink(parser: Parser): void {
  const parsed = withD1(
    withAct(
      subcommand(
        parser,
        'reset-link',
        'Print a link that sets a new password once, for somebody who receives no messages.',
        'WHO',
      ).argument('<WHO>', WHO),
    ),
  );
  runsOnDatabase(parsed, (who: string, options: ActOptions & D1Options) => {
    const print = (accounts: Accounts) => resetLink(accounts, who, options);
    const place = placeOf(parsed, options);
    if (!place) return onDatabase(print, requireLinkTarget);
    const config = readD1Config(true);
    requireLinkTarget(config);
    return withD1Accounts(place, config, print);
  });
}

function defineExport(parser: Parser): void {
  const parsed = withYes(
    withAct(
      subcommand(
        parser,
        'export',
        'Write what is stored about an account, without secrets, as JSON.',
        'WHO [--to FILE]',
      ).argument('<WHO>', WHO),
    ),
  ).option('--to <FILE>', 'Write a file that only you can read. --yes replaces an existing one.');
  runsOnDatabase(parsed, (who: string, options: ExportOptions) => {
    if (options.to !== undefined) requireNewFile(options.to, options.yes ?? false);
    return onDatabase((accounts) => exportAccount(accounts, who, options));
  });
}

/** The D1 database that the arguments name; `undefined` if they name none. */
function placeOf(parser: Parser, { d1, local = false, remote = false }: D1Options) {
  if (d1 === undefined) {
    if (local || remote) parser.error('--local and --remote are for --d1 NAME.');
    return undefined;
  }
  if (local === remote) parser.error('--d1 needs either --local or --remote.');
  const place: D1Place = { name: d1, where: local ? 'local' : 'remote' };
  return place;
}
