import { AppError, type FieldError } from '../../core/errors.ts';
import {
  FIELD_NAME,
  type FieldsSchema,
  fieldOf,
  MAX_BYTES,
  MAX_TEXT,
} from '../../core/own-fields/schema.ts';
import { faultOf, unsafeText } from '../../core/own-fields/validate.ts';

/** The values of own fields by their names, as they are stored. */
export type FieldValues = Readonly<Record<string, unknown>>;

/** A merge patch of own fields (RFC 7396): null clears a field, and null for all of them clears all. */
export type FieldsPatch = FieldValues | null;

/** The own fields that `PROFILE_FIELDS` declares. */
export interface OwnFields {
  /** The names, in the order of the setting. */
  readonly names: readonly string[];
  /**
   * The stored values that match the schema. What a former schema has allowed and this one does not is kept, and not
   * shown: a client can rely on the schema.
   */
  shown(stored: string | null): FieldValues;
  /**
   * Checks a merge patch. Null may also clear a stored value that is not declared any more.
   *
   * @throws AppError `validation_failed`
   */
  check(patch: FieldsPatch, stored: string | null): void;
}

const NO_VALUES: FieldValues = {};

/** @param schema `undefined` if there are no own fields */
export function createOwnFields(schema: FieldsSchema | undefined): OwnFields {
  const names = Object.keys(schema?.properties ?? {});

  function errorsOf(name: string, value: unknown, before: FieldValues): readonly FieldError[] {
    const field = schema && fieldOf(schema, name);
    if (!field) {
      if (value === null && Object.hasOwn(before, name)) return [];
      return [
        { pointer: '#/fields', code: 'unknown_field', message: 'has a field that is not declared' },
      ];
    }
    const fault = value === null ? undefined : faultOf(value, field);
    if (!fault) return [];
    const { index, code, message } = fault;
    const place = index === undefined ? '' : `/${index}`;
    return [{ pointer: `#/fields/${name}${place}`, code, message }];
  }

  return {
    names,

    shown(stored) {
      if (stored === null || !schema) return NO_VALUES;
      const values = valuesIn(stored);
      return Object.fromEntries(
        names.flatMap((name) => {
          const field = Object.hasOwn(values, name) ? fieldOf(schema, name) : undefined;
          return field && !faultOf(values[name], field) ? [[name, values[name]]] : [];
        }),
      );
    },

    check(patch, stored) {
      if (patch === null) return;
      // First, so that only small values are checked.
      if (!areSmall(patched(null, patch))) throw tooLarge();
      const before = valuesIn(stored);
      const fields = Object.entries(patch).flatMap(([name, value]) =>
        errorsOf(name, value, before),
      );
      if (fields.length > 0) {
        throw new AppError('validation_failed', { fields: withoutRepeats(fields) });
      }
    },
  };
}

/** Many members that are not declared are one error. */
const withoutRepeats = (errors: readonly FieldError[]): readonly FieldError[] =>
  errors.filter(
    ({ pointer, code }, at) =>
      errors.findIndex((each) => each.pointer === pointer && each.code === code) === at,
  );

/** All stored values, also those that are not shown. @param stored a JSON object */
export const valuesIn = (stored: string | null): FieldValues =>
  stored === null ? NO_VALUES : (JSON.parse(stored) as FieldValues);

/** The values after a merge patch. */
export const patched = (stored: string | null, patch: FieldsPatch): FieldValues =>
  patch === null
    ? NO_VALUES
    : Object.fromEntries(
        Object.entries({ ...valuesIn(stored), ...patch }).filter(([, value]) => value !== null),
      );

/** True if a merge patch changes the stored values. */
export function isChange(stored: string | null, patch: FieldsPatch): boolean {
  if (patch === null) return stored !== null;
  const values = valuesIn(stored);
  const before = (name: string) => (Object.hasOwn(values, name) ? values[name] : null);
  return Object.entries(patch).some(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before(name)),
  );
}

/** True if the values may be stored: they have at most 8 KB as JSON. */
export const areSmall = (values: FieldValues): boolean =>
  new TextEncoder().encode(JSON.stringify(values)).length <= MAX_BYTES;

/** The error of a patch with which the values would be too large. */
export const tooLarge = (): AppError =>
  new AppError('validation_failed', {
    fields: [
      {
        pointer: '#/fields',
        code: 'too_long',
        message: `must have at most ${MAX_BYTES} bytes in all, with stored values that are not shown`,
      },
    ],
  });

/**
 * Returns the values of own fields of an imported account as they are stored, or `undefined` if they could be no values
 * of any schema. Which fields there are, the server decides when it reads them.
 */
export function storableFields(json: string): string | undefined {
  try {
    const values: unknown = JSON.parse(json);
    if (typeof values !== 'object' || values === null || Array.isArray(values)) return undefined;
    const isStorable = Object.entries(values).every(
      ([name, value]) => FIELD_NAME.test(name) && isValue(value),
    );
    return isStorable && areSmall(values as FieldValues) ? JSON.stringify(values) : undefined;
  } catch {
    return undefined;
  }
}

const isValue = (value: unknown): boolean =>
  isText(value) ||
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value)) ||
  (Array.isArray(value) && value.every(isText));

const isText = (value: unknown): boolean =>
  typeof value === 'string' && !unsafeText(value, MAX_TEXT);
