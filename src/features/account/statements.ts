import { and, eq } from 'drizzle-orm';
import { imports } from '../../core/db/account-schema.ts';
import type { Condition } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';

/** Removes what the record of an import tells about the addresses of a deleted account, if the condition holds. */
export const forgetImportedAddresses = (db: Database, id: number, condition: Condition) =>
  db
    .update(imports)
    .set({ fingerprint: null })
    .where(and(eq(imports.userId, id), condition));
