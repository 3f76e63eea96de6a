import { existsSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describeError } from '../../../core/db/database.ts';
import { CommandError } from '../../../core/errors.ts';
import { draftOf, publishDraft } from '../../ports/draft.ts';
import type { Accounts } from './accounts.ts';
import { find } from './actions.ts';
import { inWords } from './failure.ts';
import { type ActOptions, actOf, wantsJson } from './operator.ts';
import { nameOf, printJson } from './print.ts';
import { printableJson } from './terminal.ts';

export interface ExportOptions extends ActOptions {
  readonly to?: string;
}

/** @throws CommandError if the file exists and may not be replaced */
export function requireNewFile({ to, yes = false }: ExportOptions): void {
  if (to !== undefined && !yes && existsSync(to)) throw exists(to);
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
    await inWords(who, () => writeOut(parts));
    return;
  }
  const path = resolve(to);
  await inWords(who, () => writeFile(parts, path, options.yes ?? false));
  if (wantsJson(options)) printJson({ id: account.id, file: path });
  else console.log(`Exported: ${nameOf(account)} to ${path}`);
}

async function* lineOf(parts: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const part of parts) yield printableJson(part);
  yield '\n';
}

async function writeOut(parts: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(lineOf(parts)), process.stdout, { end: false });
  } catch (error) {
    // A reader such as `head` has exited.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EPIPE') throw error;
  }
}

/** Writes a draft that only this user can read, and moves it to its path once it is complete. */
async function writeFile(
  parts: AsyncIterable<string>,
  path: string,
  mayReplace: boolean,
): Promise<void> {
  const draft = draftOf(path);
  try {
    const file = await open(draft, 'wx', 0o600);
    await pipeline(Readable.from(lineOf(parts)), file.createWriteStream());
    if (mayReplace) renameSync(draft, path);
    else if (!publishDraft(draft, path)) throw exists(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) throw error;
    throw new CommandError(`${path} cannot be written: ${describeError(error)}`);
  } finally {
    rmSync(draft, { force: true });
  }
}

const exists = (path: string): CommandError =>
  new CommandError(`${path} exists. Add --yes to replace it.`);
