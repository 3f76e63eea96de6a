/** The systems whose accounts can be imported. `csv` is any table whose columns a map names. */
export const SOURCE_KINDS = ['pms', 'kpa', 'better-auth', 'django', 'csv', 'latchkey'] as const;

export type SourceKind = (typeof SOURCE_KINDS)[number];
