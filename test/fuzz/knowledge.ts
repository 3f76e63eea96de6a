// The values that a run has learned from responses, by name: ids, entity tags, refresh tokens.
import type { Answer } from '../support/api.ts';
import type { Known, Resolve } from './tree.ts';

const KEPT = 12;
/** Of twelve picks, the number that use only pinned values. */
const OWN_PICKS = 9;
const MAX_LENGTH = 2000;

/** Maps the name of a value in a request to its name in responses. */
const ALIASES: Readonly<Record<string, string>> = {
  username: 'email',
  cursor: 'next_cursor',
  'devices.id': 'items.id',
  'if-match': 'etag',
  'if-none-match': 'etag',
};

/** Access tokens are not learned: only the credential of a plan may authenticate a request. */
const ACCESS_TOKEN = /^(access_)?token$/;

export interface Knowledge {
  readonly resolve: Resolve;
  /** Makes values known for the whole run. The values of one person have the same index in every list. */
  pin(name: string, values: () => readonly string[]): void;
  /** Learns the values of a successful response. */
  learn(answer: Answer): void;
}

export function createKnowledge(): Knowledge {
  const pinned = new Map<string, () => readonly string[]>();
  const recent = new Map<string, string[]>();

  const add = (name: string, value: string): void => {
    if (ACCESS_TOKEN.test(name) || value === '' || value.length > MAX_LENGTH) return;
    const values = recent.get(name) ?? [];
    if (!values.includes(value)) recent.set(name, [value, ...values].slice(0, KEPT));
  };
  const visit = (node: unknown, name: string): void => {
    if (typeof node === 'string' || typeof node === 'number') {
      add(name, String(node));
      add(name.split('.').at(-1) ?? name, String(node));
    } else if (Array.isArray(node)) {
      for (const item of node) visit(item, name);
    } else if (typeof node === 'object' && node !== null) {
      const within = name.split('.').at(-1);
      for (const [key, value] of Object.entries(node))
        visit(value, within ? `${within}.${key}` : key);
    }
  };

  /** Most picks use only pinned values, in which an email address and a password belong together. */
  const valuesOf = (name: string, pick: number): readonly string[] => {
    const own = pinned.get(name)?.() ?? [];
    return own.length > 0 && pick < OWN_PICKS ? own : [...own, ...(recent.get(name) ?? [])];
  };
  const resolve = ({ known, pick, otherwise }: Known): string => {
    // `new_password` falls back to the values of `password`.
    for (const name of [known, ALIASES[known] ?? '', known.split('_').at(-1) ?? '']) {
      const values = valuesOf(name, pick);
      if (values.length > 0) return values[pick % values.length] ?? otherwise;
    }
    return otherwise;
  };

  return {
    resolve,
    pin: (name, values) => void pinned.set(name, values),
    learn(answer) {
      const etag = answer.headers.get('ETag');
      if (etag) add('etag', etag);
      visit(answer.body, '');
    },
  };
}
