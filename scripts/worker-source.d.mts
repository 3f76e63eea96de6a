/** Writes the copy. */
export function copySource(): Promise<void>;

/** Replaces each description in the text of a module that is a text by an empty one, and keeps its line breaks. */
export function withoutDescriptions(text: string): string;
