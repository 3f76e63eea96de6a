import type { z } from 'zod';

/** The commands that work on the database without serving it. */
export const DATABASE_COMMANDS = ['migrate', 'backup', 'check', 'keys', 'users'] as const;

/** The commands of the program that read settings. */
export type SettingsReader = 'serve' | 'messages' | (typeof DATABASE_COMMANDS)[number];

/** A setting: the values that it accepts, its default, and its documentation. */
export interface Setting {
  /** Starts a section of `.env.example` and `docs/settings.md`. */
  readonly section?: string;
  /** Parses the value of the environment variable. */
  readonly kind: z.ZodType<unknown, string>;
  /** The text to parse if the setting is unset. */
  readonly default?: string;
  /** Describes a default that depends on the host or on another setting. */
  readonly otherwise?: string;
  /** The commands that read this setting besides `serve`, which reads every setting. */
  readonly alsoReadBy?: readonly SettingsReader[];
  /** One line of `--help`. `setting-notes.ts` has a longer text for the documents, where one is needed. */
  readonly help: string;
}

/** True if a value counts as set. A Worker's variables may also be numbers and booleans. */
export const isGiven = (value: unknown): boolean =>
  ['string', 'number', 'boolean'].includes(typeof value) && value !== '';
