import { foldedName } from '../users/statements.ts';
import type { Candidate } from './candidate.ts';

/** The values of a candidate in the order in which the statements read them. */
export const rowOf = (candidate: Candidate) =>
  [
    ...[candidate.key, candidate.keepId],
    ...[candidate.email?.normalized ?? null, candidate.phone?.normalized ?? null],
    ...[candidate.email?.entered ?? null, candidate.phone?.entered ?? null],
    ...[candidate.emailVerifiedAt, candidate.phoneVerifiedAt],
    ...[candidate.passwordHash, candidate.name, foldedName(candidate.name), candidate.bio],
    ...[candidate.locale, candidate.timeZone, candidate.fields],
    ...[candidate.disabledAt, candidate.createdAt, candidate.updatedAt],
  ] as const;

/** Candidates as the parameter of a statement: one JSON text, whatever their number. */
export const rowsJson = (batch: readonly Candidate[]): string => JSON.stringify(batch.map(rowOf));
