/**
 * Header fields by their names, each always written with the same capitals. A plain record on purpose: to
 * fill, copy and read out a `Headers` object takes longer than the query of a profile.
 *
 * Where one is made for each request its own fields come first, then those of another (`{ Vary: '*', ...head }`).
 * The other way round, and where fields are added to one that is there, V8 makes a dictionary of a record with
 * so many, which takes four times as long to make, and longer to copy and to read.
 */
export type Head = Record<string, string>;
