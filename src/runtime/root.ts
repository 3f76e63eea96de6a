/** The root folder of the project. It is two levels above this file in the sources and in the build output. */
export const ROOT = new URL('../../', import.meta.url);
