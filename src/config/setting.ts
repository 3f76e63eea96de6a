import type { z } from 'zod';

/** The commands that work on the database without serving it. */
export const DATABASE_COMMANDS = [
  'migrate',
  'backup',
  'check',
  'import',
  'export',
  'keys',
  'users',
] as const;

/** The commands of the program that read settings. */
export type SettingsReader = 'serve' | 'messages' | (typeof DATABASE_COMMANDS)[number];

/** A setting: the values that it accepts, and its default. `setting-help.ts` documents it. */
export interface Setting {
  /** Parses the value of the environment variable. */
  readonly kind: z.ZodType<unknown, string>;
  /** The text to parse if the setting is unset. */
  readonly default?: string;
  /** The commands that read this setting besides `serve`, which reads every setting. */
  readonly alsoReadBy?: readonly SettingsReader[];
}

/** True if a value counts as set. A Worker's variables may also be numbers and booleans. */
export const isGiven = (value: unknown): boolean =>
  ['string', 'number', 'boolean'].includes(typeof value) && value !== '';
