import { type ZodOptional, type ZodPrefault, z } from 'zod';
import type { Setting, SettingsReader } from './setting.ts';
import { SETTINGS } from './settings.ts';

export type SettingName = keyof typeof SETTINGS;

type Schema<S extends Setting> = S extends { readonly default: string }
  ? ZodPrefault<S['kind']>
  : ZodOptional<S['kind']>;

type Shape = { [Name in SettingName]: Schema<(typeof SETTINGS)[Name]> };

const schemaOf = ({ kind, default: text }: Setting) =>
  text === undefined ? kind.optional() : kind.prefault(text);

/** The schema of all settings. A default is parsed like a given value. */
export const settings = z.object(
  // `Object.fromEntries` loses the schema type of each name; `Shape` restores it as `schemaOf` defines it.
  Object.fromEntries(Object.entries(SETTINGS).map(([name, own]) => [name, schemaOf(own)])) as Shape,
);

/** The values of all settings; `undefined` for one that is unset and has no default. */
export type SettingValues = z.infer<typeof settings>;

/** True if a command reads a setting. */
export const isReadBy = (reader: SettingsReader, { alsoReadBy }: Setting): boolean =>
  reader === 'serve' || (alsoReadBy?.includes(reader) ?? false);
