import { accepts } from 'hono/accepts';

/** The content codings of static files, best first. */
const ENCODINGS = ['br', 'gzip', 'identity'] as const;

export type Encoding = (typeof ENCODINGS)[number];

/**
 * Returns the content coding that the client prefers (RFC 9110 section 12.5.3). If it prefers several equally, returns
 * the one with the smallest output.
 */
export function encodingFor(c: Parameters<typeof accepts>[0]): Encoding {
  const chosen = accepts(c, {
    header: 'Accept-Encoding',
    supports: [...ENCODINGS],
    default: 'identity',
    match: (accepted, { supports, default: none }) => {
      const weightOf = (name: string) =>
        (
          accepted.find(({ type }) => type.toLowerCase() === name) ??
          accepted.find(({ type }) => type === '*')
        )?.q ?? 0;
      const best = supports.reduce((a, b) => (weightOf(b) > weightOf(a) ? b : a));
      return weightOf(best) > 0 ? best : none;
    },
  });
  return ENCODINGS.find((encoding) => encoding === chosen) ?? 'identity';
}
