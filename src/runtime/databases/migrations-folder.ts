import { fileURLToPath } from 'node:url';

/** Our migrations. Above both `src/runtime` and `dist/runtime`. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../../drizzle', import.meta.url));
