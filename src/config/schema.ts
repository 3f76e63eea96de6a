import { type ZodOptional, type ZodPrefault, z } from 'zod';
import { SETTINGS, type Setting } from './settings.ts';

type SettingName = keyof typeof SETTINGS;

type Schema<S extends Setting> = S extends { readonly default: string }
  ? ZodPrefault<S['kind']>
  : ZodOptional<S['kind']>;

type Shape = { [Name in SettingName]: Schema<(typeof SETTINGS)[Name]> };

const schemaOf = ({ kind, default: text }: Setting) =>
  text === undefined ? kind.optional() : kind.prefault(text);

/** The settings as one schema. A default is parsed as if it had been given. */
export const settings = z.object(
  // `Object.fromEntries` loses which name has which schema; `Shape` restores what `schemaOf` does to each.
  Object.fromEntries(Object.entries(SETTINGS).map(([name, own]) => [name, schemaOf(own)])) as Shape,
);

/** The values of all settings; `undefined` for one that is unset and has no default. */
export type SettingValues = z.infer<typeof settings>;

/** The settings as a person reads them, a line each. */
export function describeSettings(): string {
  return Object.entries<Setting>(SETTINGS)
    .map(
      ([name, { help, default: text, otherwise = text }]) =>
        `  ${name.padEnd(28)} ${help}${otherwise === undefined ? '' : ` (${otherwise})`}`,
    )
    .join('\n');
}
