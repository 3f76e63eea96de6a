/** Where a line of SQL ends: outside of everything, or within something that goes on in the next line. */
type Inside =
  | { readonly kind: 'statement' }
  | { readonly kind: 'quotes'; readonly end: RegExp }
  | { readonly kind: 'dollars'; readonly tag: string }
  | { readonly kind: 'comment'; readonly depth: number };

const STATEMENT: Inside = { kind: 'statement' };

/** What begins something, or must be skipped because it only seems to: `$$` may be within a name. */
const START =
  /--.*|\/\*|[eE]'|'|"|\$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*)?\$|[\w\x80-\xff][\w$\x80-\xff]*/g;
/** The ends of quotes. A doubled mark is none; in an escape string, `\'` is none either. */
const STRING_END = /'(?!')|''/g;
const ESCAPE_STRING_END = /'(?!')|''|\\./g;
const NAME_END = /"(?!")|""/g;
const COMMENT_MARK = /\/\*|\*\//g;

/** Reads the SQL of a dump, line by line, to tell statements from the texts within them. */
export interface SqlText {
  /** True where a statement may begin: not within a string, a function body, a quoted name or a comment. */
  readonly isOutside: boolean;
  /** Reads the next line, without its line break, as Latin-1. */
  add(line: string): void;
}

/** @see https://www.postgresql.org/docs/current/sql-syntax-lexical.html */
export function createSqlText(): SqlText {
  let inside: Inside = STATEMENT;
  return {
    get isOutside() {
      return inside.kind === 'statement';
    },
    add(line) {
      // A command of psql.
      if (inside.kind === 'statement' && line.startsWith('\\')) return;
      for (let at = 0; at < line.length; ) [inside, at] = next(inside, line, at);
    },
  };
}

/** Reads one step from a position, and returns what is there after it and how far it went. */
function next(inside: Inside, line: string, at: number): [Inside, number] {
  switch (inside.kind) {
    case 'statement': {
      const [token, end] = find(START, line, at);
      return [startedBy(token), end];
    }
    case 'quotes': {
      const [token, end] = find(inside.end, line, at);
      return [token.length === 1 ? STATEMENT : inside, end];
    }
    case 'dollars': {
      const found = line.indexOf(inside.tag, at);
      return found < 0 ? [inside, line.length] : [STATEMENT, found + inside.tag.length];
    }
    case 'comment': {
      const [token, end] = find(COMMENT_MARK, line, at);
      const depth = inside.depth + (token === '/*' ? 1 : token === '*/' ? -1 : 0);
      return [depth === 0 ? STATEMENT : { kind: 'comment', depth }, end];
    }
  }
}

function startedBy(token: string): Inside {
  if (token === "'") return { kind: 'quotes', end: STRING_END };
  if (token === "E'" || token === "e'") return { kind: 'quotes', end: ESCAPE_STRING_END };
  if (token === '"') return { kind: 'quotes', end: NAME_END };
  if (token === '/*') return { kind: 'comment', depth: 1 };
  return token.startsWith('$') ? { kind: 'dollars', tag: token } : STATEMENT;
}

/** Returns the next match and its end; an empty text and the end of the line if there is none. */
function find(pattern: RegExp, line: string, at: number): [token: string, end: number] {
  pattern.lastIndex = at;
  const [token] = pattern.exec(line) ?? [];
  return token === undefined ? ['', line.length] : [token, pattern.lastIndex];
}
