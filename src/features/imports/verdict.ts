import { type Checked, placeOf } from './check.ts';
import type { Clash } from './clash.ts';
import type { Resolution } from './resolution.ts';
import type { SourceAccount } from './source.ts';
import { type Claim, claimName, type Holder } from './source-index.ts';
import type { Rejected } from './tally.ts';
import type { Occupant, Occupied } from './target.ts';

/** A checked account, and what the operator has decided about it. */
export interface Entry {
  readonly checked: Checked;
  readonly resolution: Resolution | undefined;
}

export type Verdict = 'accepted' | 'already imported' | Rejected;

export interface Surroundings {
  /** The target. */
  readonly occupied: Occupied;
  /** Who in the source, read before, has something to itself. */
  readonly holders: ReadonlyMap<string, Holder>;
  readonly skipsClashes: boolean;
}

/** Decides about an account of the source. The first account of the source that has an address gets it. */
export function verdictOf(entry: Entry, surroundings: Surroundings): Verdict {
  const { checked, resolution } = entry;
  const { occupied, holders, skipsClashes } = surroundings;
  const { account, key, clashes: own } = checked;
  const sameKey =
    account.id === '' ? undefined : holders.get(claimName({ kind: 'key', value: key }));
  const twice = addressClashes(checked, holders);
  const isRepeated = sameKey !== undefined || (account.id === '' && twice.length > 0);
  const reused = isRepeated ? [] : reusedClashes(checked, occupied);
  const isKnown = !isRepeated && occupied.imported.has(key);
  if (isKnown && reused.length === 0) return 'already imported';
  const clashes = [
    ...own,
    ...reused,
    ...(sameKey ? [idTwice(account, sameKey)] : []),
    ...twice,
    ...takenClashes(checked, occupied, twice),
  ];
  if (resolution !== 'skip' && clashes.length === 0) return 'accepted';
  const outcome = resolution === 'skip' || skipsClashes ? 'skipped' : 'undecided';
  return { ...placeOf(account), outcome, clashes };
}

/** The clashes of an account that was free when it was looked up, and was not stored. */
export function lateClashes(
  checked: Checked,
  occupied: Occupied,
): readonly Clash[] | 'already imported' {
  const reused = reusedClashes(checked, occupied);
  if (occupied.imported.has(checked.key) && reused.length === 0) return 'already imported';
  return [...reused, ...takenClashes(checked, occupied, [])];
}

/** What an account has to itself from now on. Of a rejected one, that is only its id. */
export function claimsOf({ account, key, candidate }: Checked, verdict: Verdict): Claim[] {
  const byKey: Claim[] = account.id === '' ? [] : [{ kind: 'key', value: key }];
  return typeof verdict === 'string' ? [...byKey, ...addressClaims({ candidate })] : byKey;
}

/** Everything that another account of the source may have as well. */
export const wantedClaims = ({ key, candidate }: Checked): Claim[] => [
  { kind: 'key', value: key },
  ...addressClaims({ candidate }),
];

const KINDS = ['email', 'phone'] as const;

const addressClaims = ({ candidate }: Pick<Checked, 'candidate'>): Claim[] =>
  KINDS.flatMap((kind) => {
    const address = candidate?.[kind];
    return address ? [{ kind, value: address.normalized }] : [];
  });

const NAMES = { email: 'email address', phone: 'phone number' } as const;

const addressClashes = (
  { account, candidate }: Checked,
  holders: ReadonlyMap<string, Holder>,
): Clash[] =>
  KINDS.flatMap((kind) => {
    const address = candidate?.[kind];
    const holder = address && holders.get(claimName({ kind, value: address.normalized }));
    if (!holder) return [];
    return [
      {
        ...placeOf(account),
        code: `${kind}_twice` as const,
        field: kind,
        message: `The ${NAMES[kind]} is that of ${nameOf(holder)}, which comes first.`,
        value: address.entered,
        otherId: holder.id,
        otherPlace: holder.place,
      },
    ];
  });

const idTwice = (account: SourceAccount, holder: Holder): Clash => ({
  ...placeOf(account),
  code: 'id_twice',
  field: 'id',
  message: `The id is that of ${holder.place} as well. A decision about this one must name its place.`,
  value: placeOf(account).id,
  otherId: holder.id,
  otherPlace: holder.place,
});

/** The id of a deleted account may have been given to another one. So may a second source have the same name. */
function reusedClashes({ account, key, fingerprint }: Checked, { imported }: Occupied): Clash[] {
  const known = imported.get(key) ?? null;
  if (known === null || fingerprint === null || known === fingerprint) return [];
  const message =
    'An account with this id has been imported with other addresses: is it another account, or has it changed them?';
  const value = placeOf(account).id;
  return [{ ...placeOf(account), code: 'id_reused', field: 'id', message, value }];
}

function takenClashes(
  { account, candidate }: Checked,
  { emails, phones, ids }: Occupied,
  twice: readonly Clash[],
): Clash[] {
  if (!candidate) return [];
  const clashes = KINDS.flatMap((kind): Clash[] => {
    const address = candidate[kind];
    const occupant = address && (kind === 'email' ? emails : phones).get(address.normalized);
    if (!occupant || twice.some(({ field }) => field === kind)) return [];
    return [
      {
        ...{ ...placeOf(account), code: `${kind}_taken`, field: kind, value: address.entered },
        message: `The ${NAMES[kind]} ${takenBy(occupant)}.`,
        ...(occupant.userId !== null && { userId: occupant.userId }),
      },
    ];
  });
  const { keepId } = candidate;
  if (keepId === null || !ids.has(keepId)) return clashes;
  const message = `Account ${keepId} exists already, or has existed.`;
  const taken = { code: 'id_taken', field: 'id', value: String(keepId), userId: keepId } as const;
  return [...clashes, { ...placeOf(account), ...taken, message }];
}

function takenBy({ userId, key }: Occupant): string {
  if (userId === null) return 'is reserved for an account that has replaced it recently';
  const which = key === null ? '' : `, imported from here as ${key}`;
  return `belongs to account ${userId}${which}`;
}

const nameOf = ({ place, id }: Holder): string => (id === '' ? place : `account ${id} (${place})`);
