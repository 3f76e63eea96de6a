import { isReadBy, type SettingName } from './schema.ts';
import type { Setting, SettingsReader } from './setting.ts';
import { SETTING_HELP, type SettingHelp } from './setting-help.ts';
import { SETTINGS } from './settings.ts';

/** The cast is safe for a name from the list of settings. */
export const helpOf = (name: string): SettingHelp => SETTING_HELP[name as SettingName];

/** Formats the settings that a command reads for its `--help`, one per line. */
export function describeSettings(reader: SettingsReader): string {
  return Object.entries<Setting>(SETTINGS)
    .filter(([, setting]) => isReadBy(reader, setting))
    .map(([name, { default: text }]) => {
      const { help, otherwise = text } = helpOf(name);
      return `  ${name.padEnd(28)} ${help}${otherwise === undefined ? '' : ` (${otherwise})`}`;
    })
    .join('\n');
}
