/**
 * Header fields by name; each name is always capitalized the same way. A plain record, because filling, copying and
 * reading a `Headers` object takes longer than the query of a profile.
 *
 * In a record created per request, write new fields before a spread (`{ Vary: '*', ...head }`). If the spread comes
 * first, or if fields are added to an existing record, V8 converts a record of this size to a dictionary. A dictionary
 * takes four times as long to create, and longer to copy and read.
 */
export type Head = Record<string, string>;
