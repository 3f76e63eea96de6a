import { z } from 'zod';
import { LOCALES } from '../messages/message.ts';
import { memberOf } from './check.ts';
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
      locale: z.enum(LOCALES).nullable(),
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

const fileSchema = z
  .record(z.string().min(1).max(1000), z.unknown())
  .refine((all) => Object.keys(all).length <= MAX_RESOLUTIONS, {
    error: `has more than ${MAX_RESOLUTIONS} accounts`,
  });

/** Reads what becomes of accounts, by their id in the source or by their place. Returns problems instead, if any. */
export function parseResolutions(
  json: unknown,
): ReadonlyMap<string, Resolution> | { readonly problems: readonly string[] } {
  const file = fileSchema.safeParse(json);
  if (!file.success) return { problems: file.error.issues.map(({ message }) => message) };
  const known = new Map<string, Resolution>();
  const problems: string[] = [];
  for (const [name, value] of Object.entries(file.data)) {
    if (value === 'skip') known.set(name, value);
    else {
      const { data, error } = replacementSchema.safeParse(value);
      if (data) known.set(name, data);
      else if (problems.length < MAX_PROBLEMS) problems.push(...problemsOf(name, error));
    }
  }
  return problems.length > 0 ? { problems } : known;
}

const problemsOf = (name: string, error: z.ZodError): string[] =>
  error.issues.map(
    ({ path, message }) => `${[JSON.stringify(name), ...path].join('.')}: ${message}`,
  );

/** Decisions about the accounts of a source, and which of them have been used. */
export interface Resolutions {
  /** The decision about an account. One by its place precedes one by its id. */
  of(account: Pick<SourceAccount, 'id' | 'place'>): Resolution | undefined;
  /** The names that no account has had so far. */
  unused(): readonly string[];
}

export function createResolutions(known: ReadonlyMap<string, Resolution>): Resolutions {
  const unused = new Set(known.keys());
  return {
    of({ id, place }) {
      const name = [place, id].find((each) => known.has(each));
      if (name === undefined) return undefined;
      unused.delete(name);
      return known.get(name);
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
