const MAX_LENGTH = 64;
const NAME = /^[a-z][a-z_]*(?:\/[a-z][a-z\d_+-]*){1,2}$/i;

/** The names without a slash. The database gets no new ones. `Factory` is not for users. */
const ALONE =
  'CET CST6CDT Cuba EET EST EST5EDT Egypt Eire GB GB-Eire GMT GMT+0 GMT-0 GMT0 Greenwich HST Hongkong Iceland Iran Israel Jamaica Japan Kwajalein Libya MET MST MST7MDT NZ NZ-CHAT Navajo PRC PST8PDT Poland Portugal ROC ROK Singapore Turkey UCT UTC Universal W-SU WET Zulu';
/** The parts of names whose words do not all have one capital letter, the first. */
const IRREGULAR =
  'ACT BajaNorte BajaSur ComodRivadavia Dar_es_Salaam DeNoronha DumontDUrville EasterIsland GMT Isle_of_Man Knox_IN LHI McMurdo NSW Port-au-Prince Port_of_Spain UCT US UTC';

const byLowerCase = (names: string): ReadonlyMap<string, string> =>
  new Map(names.split(' ').map((name) => [name.toLowerCase(), name]));

const alone = byLowerCase(ALONE);
const irregular = byLowerCase(IRREGULAR);

/**
 * Returns the name of a time zone in the letter case of the IANA time zone database, such as `Asia/Kolkata` for
 * `asia/kolkata`. Aliases stay as they are, because the runtimes resolve them differently. Returns `undefined` for an
 * offset such as `+05:30`, and for a name that the runtime does not know.
 */
export function timeZoneName(text: string): string | undefined {
  // Other letters than those of ASCII have forms in ASCII: the lower case of the Kelvin sign is k.
  const name = /^[!-~]+$/.test(text) ? alone.get(text.toLowerCase()) : undefined;
  if (name !== undefined) return name;
  if (text.length > MAX_LENGTH || !NAME.test(text) || /^systemv/i.test(text)) return undefined;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
  } catch {
    return undefined;
  }
  return text.toLowerCase().split('/').map(inOwnCase).join('/');
}

const inOwnCase = (part: string): string =>
  irregular.get(part) ??
  part.replace(/^gmt/, 'GMT').replaceAll(/(?<![a-z])[a-z]/gi, (first) => first.toUpperCase());
