import { z } from '@hono/zod-openapi';
import type { Config } from '../../config/config.ts';
import type { FieldSchema } from '../../core/own-fields/schema.ts';
import { MAX_LINE } from '../../core/own-fields/schema.ts';
import { bioField, localeField, nameField, timeZoneField } from '../users/fields.ts';
import { createOwnFields } from '../users/own-fields.ts';
import type { ProfilePatch, User } from '../users/user.ts';
import { parseFields } from './fields.ts';
import type { Field } from './form.ts';
import type { Visit } from './page.ts';

/** What a form of a profile shows or was sent with, by the names of its fields. */
export type Entered = ReadonlyMap<string, string>;

/** The form of a profile, with the own fields of the server. */
export interface ProfileForm {
  storedIn(user: User): Entered;
  enteredIn(fields: URLSearchParams): Entered;
  inputs(visit: Visit, entered: Entered): readonly Field[];
  /**
   * What has changed, in the form that is stored. Empty is none. Only what has changed is checked: today's rules may reject
   * what is stored.
   *
   * @throws AppError `validation_failed`
   */
  patchOf(user: User, entered: Entered): ProfilePatch;
  /** The own fields of a user that have values, as texts. */
  shown(user: User): readonly (readonly [label: string, text: string])[];
}

const schema = z.object({
  name: nameField.optional(),
  bio: bioField.optional(),
  locale: localeField.optional(),
  time_zone: timeZoneField.optional(),
});
const OWN = 'fields/';

export function createProfileForm({ profileFields }: Pick<Config, 'profileFields'>): ProfileForm {
  const ownFields = createOwnFields(profileFields);
  const own = Object.entries(profileFields?.properties ?? {});
  const names = [...Object.keys(schema.shape), ...own.map(([name]) => OWN + name)];

  function storedIn(user: User): Entered {
    const values = ownFields.shown(user.fields);
    return new Map([
      ['name', user.name ?? ''],
      ['bio', withLineFeeds(user.bio)],
      ['locale', user.locale ?? ''],
      ['time_zone', user.timeZone ?? ''],
      ...own.map(([name]) => [OWN + name, textOf(values[name])] as const),
    ]);
  }

  return {
    storedIn,
    enteredIn: (fields) =>
      new Map(names.map((name) => [name, withLineFeeds(fields.get(name) ?? '')])),

    inputs(visit, entered) {
      const { frame, account } = visit.texts;
      const texts = account.profile;
      const common = (name: string) =>
        ({ name, autocomplete: 'off', isOptional: true, value: entered.get(name) ?? '' }) as const;
      return [
        { ...common('name'), label: frame.fields.name, autocomplete: 'name', maxLength: 255 },
        { ...common('bio'), label: texts.bio, type: 'textarea', maxLength: 10_000 },
        { ...common('locale'), label: texts.language, hint: 'hi-IN', maxLength: 35 },
        { ...common('time_zone'), label: texts.timeZone, hint: 'Asia/Kolkata', maxLength: 64 },
        ...own.map(([name, field]) => ({
          ...common(OWN + name),
          label: field.title ?? name,
          ...inputOf(visit, field),
        })),
      ];
    },

    patchOf(user, entered) {
      const stored = storedIn(user);
      const changed = [...entered].filter(([name, text]) => text !== stored.get(name));
      const isChanged = (name: string) => changed.some(([each]) => each === name);
      const parsed = parseFields(schema, new URLSearchParams(changed));
      const fields = Object.fromEntries(
        own.flatMap(([name, field]) =>
          isChanged(OWN + name) ? [[name, meaningOf(entered.get(OWN + name) ?? '', field)]] : [],
        ),
      );
      ownFields.check(fields, user.fields);
      return {
        ...(isChanged('name') && { name: parsed.name ?? null }),
        ...(isChanged('bio') && { bio: parsed.bio ?? '' }),
        ...(isChanged('locale') && { locale: parsed.locale ?? null }),
        ...(isChanged('time_zone') && { timeZone: parsed.time_zone ?? null }),
        ...(Object.keys(fields).length > 0 && { fields }),
      };
    },

    shown(user) {
      const values = ownFields.shown(user.fields);
      return own.flatMap(([name, { title = name }]) =>
        Object.hasOwn(values, name) ? [[title, textOf(values[name])] as const] : [],
      );
    },
  };
}

/** Browsers send line feeds as CRLF (HTML, section 4.10.21.4). */
const withLineFeeds = (text: string): string => text.replaceAll('\r\n', '\n');

const textOf = (value: unknown): string =>
  Array.isArray(value) ? value.join('\n') : withLineFeeds(String(value ?? ''));

function inputOf({ texts }: Visit, field: FieldSchema): Partial<Field> {
  const { yes, no, perLine } = texts.account.profile;
  const { none } = texts.account.overview;
  const hint = field.description === undefined ? {} : { hint: field.description };
  switch (field.type) {
    case 'boolean':
      return {
        ...hint,
        options: [
          ['', none],
          ['true', yes],
          ['false', no],
        ],
      };
    case 'array': {
      const choices = field.items.enum?.join(', ');
      const hints = [field.description, perLine, choices].filter((each) => each !== undefined);
      return { type: 'textarea', hint: hints.join(' '), maxLength: 30_000 };
    }
    case 'string':
      if (field.enum) {
        return {
          ...hint,
          options: [['', none], ...field.enum.map((each) => [each, each] as const)],
        };
      }
      return {
        ...hint,
        ...((field.maxLength ?? MAX_LINE) > MAX_LINE && { type: 'textarea' }),
        maxLength: field.maxLength ?? MAX_LINE,
        ...(field.format === 'date' && { hint: field.description ?? 'YYYY-MM-DD' }),
      };
    default:
      return { ...hint, maxLength: 40 };
  }
}

/** What an input means. A text that is none of the values of its field stays, and is rejected as such. */
function meaningOf(text: string, { type }: FieldSchema): unknown {
  if (text.trim() === '') return null;
  switch (type) {
    case 'boolean':
      return text === 'true' || (text === 'false' ? false : text);
    case 'array':
      return text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '');
    case 'string':
      return text;
    default:
      return /^[+-]?\d+(?:\.\d+)?$/.test(text.trim()) ? Number(text) : text;
  }
}
