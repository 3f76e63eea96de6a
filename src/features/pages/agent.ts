/** A browser or a system, and the parts of a User-Agent that name it. The first one found counts. */
type Names = readonly (readonly [part: string, name: string])[];

/** Browsers name those that they descend from as well, and these come last. */
const BROWSERS: Names = [
  ['Edg', 'Edge'],
  ['OPR/', 'Opera'],
  ['SamsungBrowser/', 'Samsung Internet'],
  ['Firefox/', 'Firefox'],
  ['FxiOS/', 'Firefox'],
  ['CriOS/', 'Chrome'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
];

const SYSTEMS: Names = [
  ['Windows', 'Windows'],
  ['Android', 'Android'],
  ['iPhone', 'iOS'],
  ['iPad', 'iPadOS'],
  ['CrOS', 'ChromeOS'],
  ['Macintosh', 'macOS'],
  ['Linux', 'Linux'],
];

/** The length of a User-Agent that is not recognized. */
const MAX_LENGTH = 60;

interface AgentTexts {
  /** With `{browser}` and `{system}`. */
  readonly browserOn: string;
  readonly unknown: string;
}

/**
 * Returns a short name of what a User-Agent claims to be, such as `Firefox on Windows`. It is a hint for the user and no
 * proof: clients send what they like. One that is not recognized is shortened.
 */
export function agentName(userAgent: string | null, texts: AgentTexts): string {
  const raw = userAgent?.trim() ?? '';
  if (raw === '') return texts.unknown;
  const browser = nameIn(BROWSERS, raw);
  const system = nameIn(SYSTEMS, raw);
  if (raw.startsWith('Mozilla/') && browser !== undefined && system !== undefined) {
    return texts.browserOn.replace('{browser}', browser).replace('{system}', system);
  }
  return raw.length <= MAX_LENGTH ? raw : `${raw.slice(0, MAX_LENGTH).toWellFormed()}…`;
}

const nameIn = (names: Names, raw: string): string | undefined =>
  names.find(([part]) => raw.includes(part))?.[1];
