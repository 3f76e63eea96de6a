/** The root of the project. The build keeps it two folders above, as the sources do. */
export const ROOT = new URL('../../', import.meta.url);
