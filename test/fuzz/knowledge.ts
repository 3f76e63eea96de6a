// What a run has learned from the answers: ids, entity tags, refresh tokens, by the names they came under.
import type { Answer } from '../support/api.ts';
import type { Known, Resolve } from './tree.ts';

const KEPT = 12;
/** Of twelve. */
const OWN_PICKS = 9;
const MAX_LENGTH = 2000;

/** Under which other name an answer has what a request asks for. */
const ALIASES: Readonly<Record<string, string>> = {
  username: 'email',
  cursor: 'next_cursor',
  'if-match': 'etag',
  'if-none-match': 'etag',
};

/** Not for the taking: with it any request would be a user's own. */
const ACCESS_TOKEN = /^(access_)?token$/;

export interface Knowledge {
  readonly resolve: Resolve;
  /** Makes a value known for the whole run; those of one person have one place in every list. */
  pin(name: string, values: () => readonly string[]): void;
  /** Takes in what a success tells. */
  learn(answer: Answer): void;
}

/** Knows nothing at first. */
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

  /** Most picks are of those who take part, whose email address and password are a pair. */
  const valuesOf = (name: string, pick: number): readonly string[] => {
    const own = pinned.get(name)?.() ?? [];
    return own.length > 0 && pick < OWN_PICKS ? own : [...own, ...(recent.get(name) ?? [])];
  };
  const resolve = ({ known, pick, otherwise }: Known): string => {
    // `new_password` is known as `password`, where it is not known by its own name.
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
