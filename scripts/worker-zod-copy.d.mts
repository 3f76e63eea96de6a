/** Writes the copy. */
export function copyZod(): Promise<void>;
