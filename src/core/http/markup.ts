import { html } from 'hono/html';

/** HTML. A template escapes every value that is not markup itself. */
export type Markup = ReturnType<typeof html>;

/** Builds markup. Not `hono/jsx`, whose runtime needs a module of Node and would make the Worker larger. */
export const markup = html;
