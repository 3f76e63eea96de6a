import {
  FIELD_NAME,
  type FieldSchema,
  type FieldsSchema,
  FORMATS,
  type Format,
  MAX_FIELDS,
  MAX_ITEMS,
  MAX_LINE,
  MAX_TEXT,
  type NumberSchema,
  type TextSchema,
} from './schema.ts';
import { unsafeText } from './validate.ts';

export type ParsedFields =
  | { readonly schema: FieldsSchema }
  /** In plain words, each with its place in the schema. */
  | { readonly problems: readonly string[] };

type Json = Readonly<Record<string, unknown>>;

/** Reports what is wrong with the keyword of a schema. */
type Report = (keyword: string, message: string) => void;

/** Why keywords are left out that others would look for first. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  required: 'is not supported: accounts and sign-ups have no values at first',
  pattern: 'is not supported, because a pattern can take very long: use enum, format or maxLength',
  default: 'is not supported: only what somebody has entered is stored',
};

const TYPES = ['string', 'number', 'integer', 'boolean', 'array'] as const;
const DIALECT = 'https://json-schema.org/draft/2020-12/schema';
const DATE_LENGTH = 'YYYY-MM-DD'.length;
const DESCRIBED = ['type', 'title', 'description'];
const TEXT_KEYWORDS = ['enum', 'minLength', 'maxLength', 'format'];
const KEYWORDS: Readonly<Record<FieldSchema['type'], readonly string[]>> = {
  string: TEXT_KEYWORDS,
  number: ['minimum', 'maximum'],
  integer: ['minimum', 'maximum'],
  boolean: [],
  array: ['items', 'minItems', 'maxItems', 'uniqueItems'],
};

/**
 * Reads the JSON Schema of own fields: the part of 2020-12 that `docs/profile.md` lists. Anything else is a problem, so
 * that no rule is ignored.
 */
export function parseFieldsSchema(text: string): ParsedFields {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    return { problems: ['must be JSON'] };
  }
  const problems: string[] = [];
  const schema = fieldsIn(root, (place, message) => {
    problems.push(place === '' ? message : `${place} ${message}`);
  });
  return problems.length > 0 ? { problems } : { schema };
}

function fieldsIn(root: unknown, report: Report): FieldsSchema {
  const properties: Record<string, FieldSchema> = {};
  const empty = { type: 'object', properties, additionalProperties: false } as const;
  if (!isObject(root)) {
    report('', 'must be a JSON object');
    return empty;
  }
  const at = reportAt(report, '');
  refuseOthers(root, [...DESCRIBED, '$schema', 'properties', 'additionalProperties'], at);
  if (root.type !== 'object') at('type', 'must be "object"');
  if (root.$schema !== undefined && root.$schema !== DIALECT) at('$schema', `must be "${DIALECT}"`);
  if (![undefined, false].includes(root.additionalProperties as undefined)) {
    at('additionalProperties', 'must be false');
  }
  const given = isObject(root.properties) ? Object.entries(root.properties) : [];
  if (given.length < 1 || given.length > MAX_FIELDS) {
    at('properties', `must be an object with 1 to ${MAX_FIELDS} fields`);
  }
  for (const [name, schema] of given.slice(0, MAX_FIELDS)) {
    const place = `/properties/${shown(name)}`;
    if (!FIELD_NAME.test(name)) {
      report(place, 'must be named by 1 to 40 of a-z, 0-9 and _, a letter first');
    }
    const field = fieldIn(schema, reportAt(report, place));
    if (field) properties[name] = field;
  }
  return { ...described(root, at), ...empty };
}

function fieldIn(schema: unknown, report: Report): FieldSchema | undefined {
  if (!isObject(schema)) {
    report('', 'must be a JSON object');
    return undefined;
  }
  const type = TYPES.find((each) => each === schema.type);
  if (!type) {
    report('type', `must be one of ${TYPES.join(', ')}`);
    return undefined;
  }
  refuseOthers(schema, [...DESCRIBED, ...KEYWORDS[type]], report);
  const texts = described(schema, report);
  switch (type) {
    case 'string':
      return { ...texts, ...textIn(schema, MAX_TEXT, report) };
    case 'boolean':
      return { ...texts, type };
    case 'array':
      return { ...texts, ...listIn(schema, report) };
    default:
      return { ...texts, ...numberIn(schema, type, report) };
  }
}

function textIn(schema: Json, longest: number, report: Report): TextSchema {
  const values = schema.enum;
  if (values !== undefined) {
    for (const other of ['minLength', 'maxLength', 'format']) {
      if (schema[other] !== undefined) report(other, 'must not stand beside enum');
    }
    return { type: 'string', enum: choicesIn(values, report) };
  }
  const format = FORMATS.find((each) => each === schema.format);
  if (schema.format !== undefined && !format) {
    report('format', `must be one of ${FORMATS.join(', ')}`);
  }
  const [minLength, maxLength = MAX_LINE] = boundsIn(schema, ['minLength', 'maxLength'], {
    ...{ least: 0, most: longest, report },
  });
  if (format) refuseEmptyFormat(format, minLength ?? 0, maxLength, report);
  return {
    type: 'string',
    ...(minLength !== undefined && { minLength }),
    maxLength,
    ...(format && { format }),
  };
}

/** Reports bounds that leave no value of a format. The shortest URL is `http://a`. */
function refuseEmptyFormat(
  format: Format,
  minLength: number,
  maxLength: number,
  report: Report,
): void {
  const shortest = format === 'date' ? DATE_LENGTH : 'http://a'.length;
  if (maxLength < shortest) {
    report('maxLength', `must be at least ${shortest}, or no value has the format ${format}`);
  }
  if (format === 'date' && minLength > DATE_LENGTH) {
    report('minLength', `must be at most ${DATE_LENGTH}, or no value has the format date`);
  }
}

function choicesIn(values: unknown, report: Report): readonly string[] {
  const choices: readonly unknown[] = Array.isArray(values) ? values : [];
  const isChoice = (value: unknown): value is string =>
    typeof value === 'string' && value !== '' && value.length <= MAX_LINE && !unsafeText(value, 0);
  const texts = choices.filter(isChoice);
  const isSet = new Set(choices).size === choices.length;
  if (choices.length < 1 || choices.length > MAX_ITEMS || texts.length < choices.length || !isSet) {
    report('enum', `must be an array of 1 to ${MAX_ITEMS} different texts of one line`);
  }
  return texts;
}

function numberIn(schema: Json, type: NumberSchema['type'], report: Report): NumberSchema {
  const most = type === 'integer' ? Number.MAX_SAFE_INTEGER : Number.MAX_VALUE;
  const [minimum, maximum] = boundsIn(schema, ['minimum', 'maximum'], {
    ...{ least: -most, most, report, isWhole: type === 'integer' },
  });
  // JSON readers round greater whole numbers.
  if (type === 'integer') return { type, minimum: minimum ?? -most, maximum: maximum ?? most };
  return {
    type,
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && { maximum }),
  };
}

function listIn(schema: Json, report: Report): FieldSchema {
  const { items, uniqueItems } = schema;
  const [minItems, maxItems = MAX_FIELDS] = boundsIn(schema, ['minItems', 'maxItems'], {
    ...{ least: 0, most: MAX_ITEMS, report },
  });
  if (uniqueItems !== undefined && typeof uniqueItems !== 'boolean') {
    report('uniqueItems', 'must be true or false');
  }
  const at = reportAt(report, 'items');
  if (isObject(items)) refuseOthers(items, ['type', ...TEXT_KEYWORDS], at);
  if (!isObject(items) || items.type !== 'string') at('', 'must be a schema of the type "string"');
  const item = textIn(isObject(items) ? items : {}, MAX_LINE, at);
  const different = item.enum?.length ?? (item.maxLength === 0 ? 1 : MAX_ITEMS);
  if (uniqueItems === true && minItems !== undefined && minItems > different) {
    report('minItems', `must be at most ${different}, or no list has items that all differ`);
  }
  return {
    type: 'array',
    items: item,
    ...(minItems !== undefined && { minItems }),
    maxItems,
    ...(uniqueItems === true && { uniqueItems }),
  };
}

interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly isWhole?: boolean;
  readonly report: Report;
}

/** Reads a lower and an upper bound. */
function boundsIn(
  schema: Json,
  [lower, upper]: readonly [string, string],
  { least, most, isWhole = true, report }: Bounds,
): readonly [number | undefined, number | undefined] {
  const [min, max] = [lower, upper].map((keyword) => {
    const value = schema[keyword];
    if (value === undefined) return undefined;
    if (typeof value === 'number' && value >= least && value <= most) {
      if (!isWhole || Number.isInteger(value)) return value;
    }
    report(keyword, `must be a ${isWhole ? 'whole ' : ''}number from ${least} to ${most}`);
    return undefined;
  });
  const last = max ?? (upper === 'maxLength' ? MAX_LINE : upper === 'maxItems' ? MAX_FIELDS : most);
  if (min !== undefined && min > last) report(lower, `must not be greater than ${upper}, ${last}`);
  return [min, max];
}

/** Reads `title` and `description`. */
function described(schema: Json, report: Report) {
  const textOf = (keyword: string, longest: number): string | undefined => {
    const value = schema[keyword];
    if (value === undefined) return undefined;
    if (typeof value === 'string' && value !== '' && value.length <= longest) {
      if (!unsafeText(value, 0)) return value;
    }
    report(keyword, `must be a text of one line, of 1 to ${longest} characters`);
    return undefined;
  };
  const title = textOf('title', 100);
  const description = textOf('description', 500);
  return {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
  };
}

function refuseOthers(schema: Json, known: readonly string[], report: Report): void {
  for (const keyword of Object.keys(schema)) {
    if (known.includes(keyword)) continue;
    const reason = Object.hasOwn(LEFT_OUT, keyword) ? LEFT_OUT[keyword] : undefined;
    report(shown(keyword), reason ?? 'is not supported here; docs/profile.md lists what is');
  }
}

const reportAt =
  (report: Report, place: string): Report =>
  (keyword, message) =>
    report(keyword === '' ? place : `${place}/${keyword}`, message);

/** A name of the schema, as a message may contain it. */
const shown = (name: string): string => name.replaceAll(/[^\w$-]/g, '?').slice(0, 60);

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
