/** The root folder of the project. Both in the sources and in the build output, it is two levels above this file. */
export const ROOT = new URL('../../', import.meta.url);
