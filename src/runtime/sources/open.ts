import { CommandError } from '../../core/errors.ts';
import type { AccountSource } from '../../features/imports/source.ts';
import { accountsOf } from './accounts.ts';
import { openCsv } from './files/csv.ts';
import { ALL_FORMS, parseFrom, type SourceForm, usagesOf } from './forms.ts';
import type { SourceKind } from './kind.ts';
import { kpa } from './kinds/kpa.ts';
import { pms } from './kinds/pms.ts';
import type { RowSource } from './row.ts';
import type { Kind, Shape } from './shape.ts';

type Opener = (target: string, shape: Shape) => Promise<RowSource>;

const OPENERS: Partial<Record<SourceForm, Opener>> = { csv: openCsv };
const KINDS: Partial<Record<SourceKind, Kind>> = { pms, kpa };

/**
 * Opens a source of accounts.
 *
 * @param from as in {@link FORMS}
 * @throws CommandError if it cannot be read, without a password of a URL
 */
export async function openSource(kind: SourceKind, from: string): Promise<AccountSource> {
  const { form, target } = parseFrom(from);
  const [open, definition] = [OPENERS[form], KINDS[kind]];
  if (!open || !definition) throw new CommandError(`${kind} reads ${usagesOf(ALL_FORMS)}.`);
  return accountsOf(await open(target, definition.shape), definition);
}
