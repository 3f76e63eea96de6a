import { resolve } from 'node:path';
import { printableJson } from '../../../core/text.ts';
import { writeToFile, writeToOutput } from '../../ports/output.ts';
import type { Accounts } from './accounts.ts';
import { find } from './actions.ts';
import { inWords } from './failure.ts';
import { type ActOptions, actOf, wantsJson } from './operator.ts';
import { nameOf, printJson } from './print.ts';

export interface ExportOptions extends ActOptions {
  readonly to?: string;
}

/** Writes what is stored about an account, without secrets, to standard output or to a file. */
export async function exportAccount(
  accounts: Accounts,
  who: string,
  { to, ...options }: ExportOptions,
): Promise<void> {
  const account = await find(accounts, who);
  const { actor, caller, reason } = actOf(options, accounts.later);
  const operator = actor.kind === 'operator' ? actor.name : '';
  const parts = accounts.exports.read({ id: account.id, operator, reason }, caller);
  if (to === undefined) {
    await inWords(who, () => writeToOutput(lineOf(parts)));
    return;
  }
  const path = resolve(to);
  await inWords(who, () => writeToFile(lineOf(parts), path, options.yes ?? false));
  if (wantsJson(options)) printJson({ id: account.id, file: path });
  else console.log(`Exported: ${nameOf(account)} to ${path}`);
}

async function* lineOf(parts: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const part of parts) yield printableJson(part);
  yield '\n';
}
