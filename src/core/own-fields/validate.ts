import {
  CONTROL_CHARACTER,
  CONTROL_CHARACTER_IN_PROSE,
  codePoints,
  isBidiBalanced,
  UNBALANCED_BIDI,
} from '../text.ts';
import type { FieldSchema, Format, ListSchema, NumberSchema, TextSchema } from './schema.ts';
import { MAX_LINE } from './schema.ts';

/** Why a value does not match its schema. Does not contain the value. */
export interface Fault {
  /** The position in a list. */
  readonly index?: number;
  readonly code: string;
  /** The rule, in words for the user. */
  readonly message: string;
}

/**
 * Returns why a value does not match the schema of its field, or `undefined` if it does. Texts must also be safe to show,
 * as names are: well-formed, without control characters, with closed bidirectional controls.
 */
export function faultOf(value: unknown, schema: FieldSchema): Fault | undefined {
  switch (schema.type) {
    case 'string':
      return textFault(value, schema);
    case 'array':
      return listFault(value, schema);
    case 'boolean':
      return typeof value === 'boolean' ? undefined : wrongType('true or false');
    default:
      return numberFault(value, schema);
  }
}

const wrongType = (what: string): Fault => ({ code: 'wrong_type', message: `must be ${what}` });

/** Also used for the values of `enum` in a schema. */
export function unsafeText(text: string, maxLength: number): Fault | undefined {
  if (!text.isWellFormed()) {
    return { code: 'malformed_unicode', message: 'must be well-formed Unicode' };
  }
  if ((maxLength > MAX_LINE ? CONTROL_CHARACTER_IN_PROSE : CONTROL_CHARACTER).test(text)) {
    return { code: 'control_character', message: 'must not contain control characters' };
  }
  return isBidiBalanced(text) ? undefined : UNBALANCED_BIDI;
}

function textFault(value: unknown, schema: TextSchema): Fault | undefined {
  if (typeof value !== 'string') return wrongType('a string');
  const { minLength = 0, maxLength = MAX_LINE, format } = schema;
  if (schema.enum) {
    if (schema.enum.includes(value)) return undefined;
    return { code: 'invalid_value', message: 'must be one of the values of the schema' };
  }
  const length = codePoints(value);
  if (length < minLength) {
    const message =
      minLength === 1 ? 'must not be empty' : `must have at least ${minLength} characters`;
    return { code: 'too_short', message };
  }
  if (length > maxLength) {
    return { code: 'too_long', message: `must have at most ${maxLength} characters` };
  }
  return unsafeText(value, maxLength) ?? (format && formatFault(value, format));
}

function formatFault(value: string, format: Format): Fault | undefined {
  if (format === 'date') {
    return isDate(value)
      ? undefined
      : { code: 'invalid_date', message: 'must be a date: YYYY-MM-DD' };
  }
  return isWebUrl(value) ? undefined : { code: 'invalid_uri', message: 'must be an http(s) URL' };
}

/** A `full-date` (RFC 3339 section 5.6) that exists. */
function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return false;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  return month >= 1 && month <= 12 && day >= 1 && day <= days;
}

// No two parts that repeat can match the same character, so that the time is linear.
const WEB_URL =
  /^https?:\/\/(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::(?<port>\d{1,5}))?(?:[/?][!$-;=?-Z_a-z~]*)?(?:#[!$-;=?-Z_a-z~]*)?$/i;
const MAX_PORT = 65_535;

/**
 * A URL (RFC 3986) of a site, without a user. `javascript:` and `data:` would be dangerous as links. Own rules, because the
 * URL parsers of the runtimes differ.
 */
function isWebUrl(text: string): boolean {
  const url = WEB_URL.exec(text);
  const port = Number(url?.groups?.port ?? 0);
  return url !== null && port <= MAX_PORT && !/%(?![0-9a-f]{2})/i.test(text);
}

function numberFault(value: unknown, { type, minimum, maximum }: NumberSchema): Fault | undefined {
  // A literal such as 1e400 is read as infinity, which JSON cannot express.
  if (typeof value !== 'number' || !Number.isFinite(value)) return wrongType('a number');
  if (type === 'integer' && !Number.isInteger(value)) return wrongType('a whole number');
  if (minimum !== undefined && value < minimum) {
    return { code: 'too_small', message: `must be at least ${minimum}` };
  }
  if (maximum !== undefined && value > maximum) {
    return { code: 'too_big', message: `must be at most ${maximum}` };
  }
  return undefined;
}

function listFault(value: unknown, schema: ListSchema): Fault | undefined {
  if (!Array.isArray(value)) return wrongType('an array');
  const { items, minItems = 0, maxItems, uniqueItems } = schema;
  if (value.length < minItems) {
    return { code: 'too_few', message: `must have at least ${minItems} items` };
  }
  if (value.length > maxItems) {
    return { code: 'too_many', message: `must have at most ${maxItems} items` };
  }
  for (const [index, item] of value.entries()) {
    const fault = textFault(item, items);
    if (fault) return { ...fault, index };
  }
  if (uniqueItems && new Set(value).size < value.length) {
    return { code: 'duplicate_item', message: 'must not contain an item twice' };
  }
  return undefined;
}
