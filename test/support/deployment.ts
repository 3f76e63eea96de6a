import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { SETTINGS } from '../../src/config/settings.ts';
import { ROOT } from './targets.ts';

export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** A service of a compose file, as far as tests read it. */
export interface Service {
  readonly build?: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly stop_grace_period?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** Reads a compose file, with its anchors and merges. */
export const readCompose = (path: string): ComposeFile => parse(read(path), { merge: true });

/** Values of a TOML file or a systemd unit by their names, without quotes; the last one, if there are several. */
export const valuesIn = (path: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...read(path).matchAll(/^\s*([A-Za-z_]+)\s*=\s*(.*)$/gm)].map(([, name = '', value = '']) => [
      name,
      value.replace(/^"(.*)"$/, '$1'),
    ]),
  );

/** Those of these names that are no setting. */
export const unknownSettings = (names: readonly string[]): readonly string[] =>
  names.filter((name) => !(name in SETTINGS));

/** How long the server takes to stop at most, in seconds. */
export function stopLimitSeconds(): number {
  const [, limit = ''] =
    /SHUTDOWN_LIMIT_MS = (\d+)/.exec(read('src/runtime/servers/server.ts')) ?? [];
  return Number(limit) / 1000;
}
