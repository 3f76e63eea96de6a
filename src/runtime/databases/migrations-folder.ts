import { fileURLToPath } from 'node:url';
import { ROOT } from '../root.ts';

/** The migrations that drizzle-kit generates. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('drizzle', ROOT));
