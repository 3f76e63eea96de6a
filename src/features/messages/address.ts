import { normalizeEmail } from '../users/identifier.ts';

const ASCII = /^[\x21-\x7e]*$/;
/** Controls, marks of direction, unassigned code points, lone surrogates, spaces. */
const UNSEEN = /[\p{C}\p{Z}]/gu;
/** The blocks of scripts that are written from right to left. */
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const REPLACEMENT = '\ufffd';
/** LEFT-TO-RIGHT ISOLATE and its end (UAX #9): the address cannot reorder the text around it. */
const [ISOLATE, END] = ['\u2066', '\u2069'];

/**
 * Returns an email address as messages show it: as entered. An address beyond ASCII is followed by its normal form,
 * whose domain is ASCII, because the entered one can look like another address.
 */
export function shownAddress(entered: string): string {
  if (ASCII.test(entered)) return entered;
  const normalized = normalizeEmail(entered);
  const shown = isolated(entered.replace(UNSEEN, REPLACEMENT));
  return normalized === undefined || normalized === entered
    ? shown
    : `${shown} (${isolated(normalized)})`;
}

const isolated = (address: string): string =>
  RIGHT_TO_LEFT.test(address) ? `${ISOLATE}${address}${END}` : address;
