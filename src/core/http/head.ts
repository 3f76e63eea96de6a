/**
 * Header fields by their names, each always written with the same capitals. A plain record on purpose: to
 * fill, copy and read out a `Headers` object takes longer than the query of a profile.
 *
 * In a record created per request, its own fields come first, then those of another (`{ Vary: '*', ...head }`).
 * The other way round, and with fields added to an existing one, V8 turns a record with
 * so many into a dictionary, which takes four times as long to create, and longer to copy and read.
 */
export type Head = Record<string, string>;
