// The JSON Schema (2020-12) of own fields, as it is published: with the bounds that its author has left out.

export interface TextSchema extends Described {
  readonly type: 'string';
  /** Without bounds and formats beside it. */
  readonly enum?: readonly string[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly format?: Format;
}

export interface NumberSchema extends Described {
  readonly type: 'number' | 'integer';
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface FlagSchema extends Described {
  readonly type: 'boolean';
}

export interface ListSchema extends Described {
  readonly type: 'array';
  readonly items: TextSchema;
  readonly minItems?: number;
  readonly maxItems: number;
  readonly uniqueItems?: boolean;
}

interface Described {
  readonly title?: string;
  readonly description?: string;
}

export type FieldSchema = TextSchema | NumberSchema | FlagSchema | ListSchema;

export interface FieldsSchema extends Described {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, FieldSchema>>;
  readonly additionalProperties: false;
}

export const FORMATS = ['date', 'uri'] as const;
export type Format = (typeof FORMATS)[number];

export const MAX_FIELDS = 20;
/** The name of a field. */
export const FIELD_NAME = /^[a-z][a-z0-9_]{0,39}$/;
/** The longest text. */
export const MAX_TEXT = 4096;
/** The longest text of one line. A longer one may have line breaks. */
export const MAX_LINE = 255;
export const MAX_ITEMS = 100;
/** All values of an account together, as JSON in UTF-8. */
export const MAX_BYTES = 8192;

/** The schema of a field by its name; `undefined` if there is none. */
export const fieldOf = (schema: FieldsSchema, name: string): FieldSchema | undefined =>
  Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
