import { z } from 'zod';
import { localeField, timeZoneField } from '../users/fields.ts';
import { memberOf } from './check.ts';
import { CLASH_CODES, type Clash, type ClashCode } from './clash.ts';
import type { SourceAccount } from './source.ts';

const MAX_RESOLUTIONS = 200_000;
/** Problems that are named; more would only repeat them. */
const MAX_PROBLEMS = 10;

const NOT_A_TIME = 'must be a time such as 2026-01-01T12:00:00Z, or null';
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

const text = (max: number) => z.string().min(1).max(max).nullable();
const onlyNull = z.literal(null, { error: 'can only be null' });
const time = z
  .string({ error: NOT_A_TIME })
  .refine((value) => ISO_TIME.test(value) && !Number.isNaN(Date.parse(value)), NOT_A_TIME)
  .transform((value) => Date.parse(value))
  .nullable();

const replacementSchema = z
  .strictObject(
    {
      id: z.string().min(1).max(1000),
      email: text(1000),
      phone: text(1000),
      /** Null takes the password away, so that the account sets a new one. */
      password: onlyNull,
      name: text(10_000),
      bio: text(100_000),
      locale: localeField.nullable(),
      time_zone: timeZoneField.nullable(),
      /** Null: the account is imported without values of own fields. */
      fields: onlyNull,
      /** Null: the address is imported unverified. */
      email_verified_at: onlyNull,
      phone_verified_at: onlyNull,
      created_at: time,
      updated_at: time,
      disabled_at: time,
    },
    {
      error: ({ code }) =>
        code === 'invalid_type' ? 'must be "skip" or an object of members' : undefined,
    },
  )
  .partial()
  .refine((members) => Object.keys(members).length > 0, { error: 'replaces no member' });

type Replacement = z.infer<typeof replacementSchema>;

/** What becomes of an account: it is left out, or imported with other members. */
export type Resolution = 'skip' | Replacement;

/** The members that a decision about a kind of clash may take away: those that clash. */
const REMOVABLE: Readonly<Record<ClashCode, readonly (keyof Replacement)[]>> = {
  ...{ email_twice: ['email'], email_taken: ['email'], invalid_email: ['email'] },
  ...{ phone_twice: ['phone'], phone_taken: ['phone'], invalid_phone: ['phone'] },
  ...{ id_twice: [], id_reused: [], id_taken: [], invalid_id: [], no_address: [] },
  ...{ unreadable_hash: ['password'] },
  ...{ invalid_name: ['name'], invalid_bio: ['bio'], invalid_locale: ['locale'] },
  ...{ invalid_time_zone: ['time_zone'], invalid_fields: ['fields'] },
  unreadable_value: [
    ...(['email', 'phone', 'password', 'name', 'bio', 'locale', 'email_verified_at'] as const),
    ...(['phone_verified_at', 'created_at', 'updated_at', 'disabled_at'] as const),
    ...(['time_zone', 'fields'] as const),
  ],
};

/** What becomes of all accounts with a clash of a kind: they are left out, or lose the member that clashes. */
type KindResolution = 'skip' | { readonly [Member in keyof Replacement]: null };

/** The name of the decisions about kinds of clashes. */
const ALL_ACCOUNTS = '*';

const kindSchema = (code: ClashCode) =>
  z.unknown().transform((value, context): KindResolution => {
    if (value === 'skip') return value;
    const members = REMOVABLE[code];
    const isAllowed =
      typeof value === 'object' &&
      value !== null &&
      Object.keys(value).length > 0 &&
      Object.entries(value).every(
        ([name, replacement]) =>
          replacement === null && members.some((allowed) => allowed === name),
      );
    // The names and values are checked.
    if (isAllowed) return value as KindResolution;
    const removals = members.map((name) => `{"${name}": null}`);
    context.addIssue({
      code: 'custom',
      message: `must be ${['"skip"', ...removals].join(' or ')}`,
    });
    return z.NEVER;
  });

const kindsSchema = z
  .strictObject(
    Object.fromEntries(CLASH_CODES.map((code) => [code, kindSchema(code).optional()])),
    {
      error: ({ code }) =>
        code === 'invalid_type' ? 'must be an object of kinds of clashes' : undefined,
    },
  )
  .transform(
    (kinds) =>
      new Map(
        CLASH_CODES.flatMap((code) => {
          const resolution = kinds[code];
          return resolution === undefined ? [] : [[code, resolution] as const];
        }),
      ),
  );

const fileSchema = z
  .record(z.string().min(1).max(1000), z.unknown())
  .refine((all) => Object.keys(all).length <= MAX_RESOLUTIONS, {
    error: `has more than ${MAX_RESOLUTIONS} accounts`,
  });

/** The decisions of an operator. */
export interface Decisions {
  /** By the id of an account in the source, or by its place. */
  readonly accounts: ReadonlyMap<string, Resolution>;
  readonly kinds: ReadonlyMap<ClashCode, KindResolution>;
}

export const NO_DECISIONS: Decisions = { accounts: new Map(), kinds: new Map() };

/**
 * Reads what becomes of accounts, by their id in the source or by their place, and, as `*`, of each kind of clash.
 * Returns problems instead, if any.
 */
export function parseResolutions(
  json: unknown,
): Decisions | { readonly problems: readonly string[] } {
  const file = fileSchema.safeParse(json);
  if (!file.success) return { problems: file.error.issues.map(({ message }) => message) };
  const { [ALL_ACCOUNTS]: all = {}, ...rest } = file.data;
  const kinds = kindsSchema.safeParse(all);
  const accounts = new Map<string, Resolution>();
  const problems = kinds.error ? problemsOf(ALL_ACCOUNTS, kinds.error) : [];
  for (const [name, value] of Object.entries(rest)) {
    if (value === 'skip') accounts.set(name, value);
    else {
      const { data, error } = replacementSchema.safeParse(value);
      if (data) accounts.set(name, data);
      else if (problems.length < MAX_PROBLEMS) problems.push(...problemsOf(name, error));
    }
  }
  return kinds.success && problems.length === 0 ? { accounts, kinds: kinds.data } : { problems };
}

const problemsOf = (name: string, error: z.ZodError): string[] =>
  error.issues.map(
    ({ path, message }) => `${[JSON.stringify(name), ...path].join('.')}: ${message}`,
  );

/** Decisions about the accounts of a source, and which of them have been used. */
export interface Resolutions {
  /** The decision about an account. One by its place precedes one by its id. */
  of(account: Pick<SourceAccount, 'id' | 'place'>): Resolution | undefined;
  /** The decision about the kinds of clashes that an account still has. Of several, `skip` precedes. */
  ofKinds(clashes: readonly Clash[]): Resolution | undefined;
  /** The names that no account has had so far, and the kinds that no clash has had. */
  unused(): readonly string[];
}

export function createResolutions({ accounts: known, kinds }: Decisions): Resolutions {
  const nameOf = (code: ClashCode) => `${ALL_ACCOUNTS}.${code}`;
  const unused = new Set([...known.keys(), ...[...kinds.keys()].map(nameOf)]);
  return {
    of({ id, place }) {
      const name = [place, id].find((each) => known.has(each));
      if (name === undefined) return undefined;
      unused.delete(name);
      return known.get(name);
    },
    ofKinds(clashes) {
      const changes: Replacement = {};
      for (const { code, field } of clashes) {
        const resolution = kinds.get(code);
        if (resolution === undefined) continue;
        if (resolution !== 'skip' && !(field in resolution)) continue;
        unused.delete(nameOf(code));
        if (resolution === 'skip') return resolution;
        // The schema gives a member only null.
        Object.assign(changes, { [field]: null });
      }
      return Object.keys(changes).length > 0 ? changes : undefined;
    },
    unused: () => [...unused],
  };
}

/** Replaces members of an account. What is said of a replaced address is not true of the new one: it is unverified. */
export function replaced(account: SourceAccount, changes: Replacement): SourceAccount {
  const changed: Record<string, unknown> = {};
  for (const member of Object.keys(account)) {
    const name = memberOf(member);
    if (name in changes) changed[member] = changes[name as keyof Replacement];
  }
  if ('email' in changes) changed.emailVerifiedAt = null;
  if ('phone' in changes) changed.phoneVerifiedAt = null;
  const unreadable = account.unreadable.filter(({ field }) => !(memberOf(field) in changes));
  // The schema gives each value the type of the member that it replaces.
  return { ...account, ...(changed as Partial<SourceAccount>), unreadable };
}
