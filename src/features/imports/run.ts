import { utf8 } from '../../core/crypto/bytes.ts';
import { CommandError } from '../../core/errors.ts';
import type { Candidate } from './candidate.ts';
import { rowOf } from './candidate-row.ts';
import { type Checked, type CheckOptions, checkAccount, placeOf } from './check.ts';
import { type Resolution, type Resolutions, replaced } from './resolution.ts';
import type { AccountSource, SourceAccount } from './source.ts';
import { type Claim, claimName, type Holder, type SourceIndex } from './source-index.ts';
import type { createTally, Rejected } from './tally.ts';
import type { ImportTarget, Wanted } from './target.ts';
import {
  claimsOf,
  type Entry,
  lateClashes,
  type Surroundings,
  verdictOf,
  wantedClaims,
} from './verdict.ts';

/** How often an account is stored that others make way for in the same instant. */
const MAX_TRIES = 5;

export interface ImportParts {
  readonly source: AccountSource;
  readonly target: ImportTarget;
  readonly index: SourceIndex;
  readonly resolutions: Resolutions;
  readonly check: CheckOptions;
  readonly tally: ReturnType<typeof createTally>;
  /** Stores nothing. */
  readonly isDryRun: boolean;
  /** Leaves out accounts with clashes, instead of stopping at the first. */
  readonly skipsClashes: boolean;
  /** True once the run must end. The batch in flight is finished. */
  isStopped(): boolean;
  /** @param done in the unit of the source */
  onProgress(done: number): void;
  onRejected(account: Rejected): Promise<void>;
}

/** How a run has ended: `clash` if it has stopped at one. */
export type Ending = 'done' | 'clash' | 'interrupted';

/** The failure of a source. Its cause is what the source has thrown. */
export class SourceFailure extends Error {
  override readonly name = 'SourceFailure';
}

interface Read extends Entry {
  /** The account as the source has it. */
  readonly original: SourceAccount;
  /** As JSON, in a batch. */
  readonly bytes: number;
  readonly done: number;
}

/**
 * Imports the accounts of a source, in its order, in batches. Killed and started again, it goes on: each account is
 * stored once.
 *
 * @throws SourceFailure if the source cannot be read to its end. What it had before is imported
 */
export async function runImport(parts: ImportParts): Promise<Ending> {
  const { target, isStopped, onProgress } = parts;
  const source = untilFailure(parts.source);
  let batch: Read[] = [];
  let bytes = 0;
  /** Returns false if the run must not go on. */
  const flush = async () => {
    const last = batch.at(-1);
    if (!last) return true;
    // Lets signals in: a source and a target in this process read and write without a pause.
    await new Promise((resolve) => setTimeout(resolve, 0));
    const goesOn = await importBatch(batch, parts);
    if (goesOn) onProgress(last.done);
    batch = [];
    bytes = 0;
    return goesOn;
  };
  for await (const { account, done } of source.read()) {
    const read = prepare(account, done, parts);
    const isFull =
      batch.length >= target.limits.accounts || bytes + read.bytes > target.limits.bytes;
    if ((isFull || isStopped()) && !(await flush())) return 'clash';
    if (isStopped()) return 'interrupted';
    batch.push(read);
    bytes += read.bytes;
  }
  if (!(await flush())) return 'clash';
  const failure = source.failure();
  if (failure) throw failure;
  return 'done';
}

/** Reads a source to its end, or to its failure. */
function untilFailure(source: AccountSource) {
  let failure: SourceFailure | undefined;
  return {
    async *read() {
      try {
        yield* source.read();
      } catch (error) {
        failure = new SourceFailure('The source cannot be read.', { cause: error });
      }
    },
    failure: () => failure,
  };
}

function prepare(account: SourceAccount, done: number, parts: ImportParts): Read {
  const { resolutions, check } = parts;
  const checked = checkAccount(account, check);
  let read: Read = { original: account, checked, resolution: undefined, bytes: 0, done };
  let next = resolutions.of(account) ?? resolutions.ofKinds(checked.clashes);
  while (next !== undefined) {
    read = decided(read, next, parts);
    next = next === 'skip' ? undefined : resolutions.ofKinds(read.checked.clashes);
  }
  const { candidate } = read.checked;
  // A comma or a bracket follows each row.
  const bytes = candidate ? utf8(JSON.stringify(rowOf(candidate))).length + 1 : 0;
  return { ...read, bytes };
}

/** Applies a decision. */
function decided(read: Read, resolution: Resolution, { check }: ImportParts): Read {
  if (resolution === 'skip') return { ...read, resolution };
  const checked = checkAccount(replaced(read.checked.account, resolution), check, read.original);
  return { ...read, resolution, checked };
}

async function importBatch(batch: readonly Read[], parts: ImportParts): Promise<boolean> {
  const { target, index, skipsClashes, tally, isDryRun } = parts;
  const found = await target.find(batch.map(({ checked }) => wantedOf(checked)));
  const imported = new Map(found.imported);
  const holders = new Map(await index.find(batch.flatMap(({ checked }) => wantedClaims(checked))));
  const claims: (Claim & Holder)[] = [];
  const accepted: Checked[] = [];
  let stoppedAt: Rejected | undefined;
  const surroundings = { occupied: { ...found, imported }, holders, skipsClashes };
  for (const read of batch) {
    const { entry, verdict } = await decide(read, parts, { ...surroundings, imported });
    const { checked } = entry;
    const holder = placeOf(checked.account);
    for (const claim of claimsOf(checked, verdict)) {
      if (holders.has(claimName(claim))) continue;
      holders.set(claimName(claim), holder);
      claims.push({ ...claim, ...holder });
    }
    tally.read();
    if (verdict === 'accepted') accepted.push(checked);
    else if (verdict === 'already imported') tally.alreadyImported();
    else if (verdict.outcome === 'undecided' && !isDryRun) {
      stoppedAt = verdict;
      break;
    } else await reject(verdict, parts);
  }
  await index.add(claims);
  const isStored = await store(accepted, parts);
  if (stoppedAt) await reject(stoppedAt, parts);
  return isStored && stoppedAt === undefined;
}

interface BatchSurroundings extends Surroundings {
  readonly imported: Map<string, string | null>;
}

/** Decides about an account, until the decisions about kinds of clashes change nothing more. */
async function decide(read: Read, parts: ImportParts, surroundings: BatchSurroundings) {
  let entry = read;
  for (;;) {
    const verdict = verdictOf(entry, surroundings);
    if (typeof verdict === 'string' || entry.resolution === 'skip') return { entry, verdict };
    const next = parts.resolutions.ofKinds(verdict.clashes);
    if (next === undefined) return { entry, verdict };
    const { key } = entry.checked;
    entry = decided(entry, next, parts);
    // Without an id, an account that has lost an address has another key.
    if (entry.checked.key === key) continue;
    const { imported } = await parts.target.find([wantedOf(entry.checked)]);
    for (const [known, fingerprint] of imported) surroundings.imported.set(known, fingerprint);
  }
}

const wantedOf = ({ key, candidate }: Checked): Wanted =>
  candidate ?? { key, keepId: null, email: null, phone: null };

async function reject(account: Rejected, { tally, onRejected }: ImportParts): Promise<void> {
  tally.rejected(account);
  await onRejected(account);
}

/**
 * Stores accounts. Of those that somebody else was faster than, reports the clash. Returns false if the run must not go
 * on.
 */
async function store(accepted: readonly Checked[], parts: ImportParts): Promise<boolean> {
  const { target, tally, resolutions, skipsClashes, isDryRun } = parts;
  let left = accepted;
  let goesOn = true;
  for (let tries = 1; left.length > 0; tries++) {
    const batch = left.flatMap(({ candidate }) => candidate ?? []);
    const stored = isDryRun ? new Set(batch.map(({ key }) => key)) : await target.store(batch);
    for (const { passwordHash } of batch.filter(isIn(stored)))
      tally.imported(passwordHash !== null);
    const lost = left.filter(({ key }) => !stored.has(key));
    if (lost.length === 0) break;
    if (tries === MAX_TRIES) throw new CommandError(`${lost[0]?.account.place}: cannot be stored.`);
    const occupied = await target.find(lost.map(wantedOf));
    left = [];
    const again: Checked[] = [];
    for (const checked of lost) {
      const clashes = lateClashes(checked, occupied);
      if (clashes === 'already imported') tally.alreadyImported();
      else if (clashes.length === 0) again.push(checked);
      else {
        const isSkipped = skipsClashes || resolutions.ofKinds(clashes) === 'skip';
        const outcome = isSkipped ? 'skipped' : 'undecided';
        goesOn &&= isSkipped;
        await reject({ ...placeOf(checked.account), outcome, clashes }, parts);
      }
    }
    left = again;
  }
  return goesOn;
}

const isIn =
  (stored: ReadonlySet<string>) =>
  ({ key }: Candidate): boolean =>
    stored.has(key);
