import ts from 'typescript';
import { accessesIn, codeOf, constantOf, isText } from '../support/syntax.ts';
import type { CodeRule } from './code-rule.ts';

/** The members of Hono's context that create a response, and the response itself. */
const MAKERS = new Set([
  'json',
  'text',
  'html',
  'body',
  'newResponse',
  'redirect',
  'render',
  'res',
]);
const isContext = (node: ts.Node | undefined): boolean =>
  !!node && ts.isIdentifier(node) && /^(c|ctx|context)$/.test(node.text);
/** Members that are also names of data, which runtime/ receives from servers and drivers. */
const DATA = new Set(['text', 'body']);
const isRuntime = (path: string): boolean => path.startsWith('runtime/');
const mayAnswer = (path: string): boolean => /^(core\/http|client)\//.test(path);

/** Responses created elsewhere lack the security headers. */
export const answers: readonly CodeRule[] = [
  {
    title: 'only core/http creates a response with a context',
    // `x.text()` reads a body. Creating a response requires an argument.
    find: ({ path, values }) =>
      mayAnswer(path)
        ? []
        : accessesIn(values)
            .filter(({ call }) => call?.arguments.length !== 0)
            .filter(({ name, of }) => (name === undefined ? isContext(of) : MAKERS.has(name)))
            .filter(({ name = '', call }) => call || !isRuntime(path) || !DATA.has(name))
            .map(({ node }) => codeOf(ts.isBindingElement(node) ? node.parent.parent : node)),
    allowed: [
      'core/outbound.ts: { body }: Response',
      'core/outbound.ts: response.body',
      'core/ports.ts: { body }: Asset',
      'features/docs/routes.ts: asset.body',
      'features/keys/ring.ts: opened.text',
      'features/keys/rotate.ts: privateKey.text',
      'features/messages/senders/console.ts: message.text',
      'features/messages/store.ts: opened.text',
      // An option of the program.
      'runtime/commands/users/operator.ts: { json = false }: OutputOptions',
    ],
    caught: [
      'add(get, (c) => c.json({}, 200));',
      'add(get, (c) => c.text(await response.text()));',
      'add(get, (c) => c.html("<p>"));',
      'add(get, (c) => c.body(null));',
      'add(get, (c) => c.newResponse(null));',
      'add(get, (c) => c.redirect("/"));',
      'add(get, (c) => c.render("a"));',
      'add(get, (context) => context.json({}));',
      'add(get, (c) => c["json"]({}));',
      'add(get, (c) => c[`json`]({}));',
      'add(get, (c) => c["js" + "on"]({}));',
      'const kind = "json"; add(get, (c) => c[kind]({}));',
      'let kind = "a"; kind = "json"; add(get, (c) => c[kind]({}));',
      'add(get, (c) => c[kindOf(c)]({}));',
      'add(get, (c) => c?.json?.({}));',
      'add(get, (c) => (c.json)({}));',
      'add(get, (c) => c.json!({}));',
      'add(get, (c) => (c as Plain).json({}));',
      'add(get, (c) => c.json(...parts));',
      'add(get, (c) => c.json.call(c, {}));',
      'const make = (c: Context) => c.text; add(get, (c) => make(c)("a"));',
      'add(get, ({ json }) => json({}));',
      'add(get, ({ json: j }) => j({}));',
      'add(get, ({ "json": j }) => j({}));',
      'add(get, ({ ["json"]: j }) => j({}));',
      'add(get, (c) => { const { text } = c; return text("a"); });',
      'let j; add(get, (c) => { ({ json: j } = c); return j({}); });',
      'let j; add(get, (c) => { [{ json: j }] = [c]; return j({}); });',
      'for (const { json } of contexts) json({});',
      'add(get, async (c) => { c.res = answer; });',
      ['app.ts', 'app.get("/", (c) => c.text("a"));'],
      ['deps.ts', 'export const a = (c) => c.body(null);'],
      ['config/a.ts', 'export const a = (c) => c.json({});'],
      ['core/a.ts', 'export const a = (c) => c.json({});'],
      ['runtime/servers/a.ts', 'app.get("/", (c) => c.text("a"));'],
      ['features/x/a.js', 'export const a = (c) => c.json({});'],
    ],
    fine: [
      'add(get, (c) => json(c, {}, 200));',
      'add(get, async (c) => json(c, await c.req.json(), 200));',
      'add(get, (c) => json(c, c.req.valid("json"), 200));',
      'const words = await response.text();',
      'type Json = Context["json"]; type Text = typeof c.text;',
      'const parts = { json: 1, text: "a", body: null };',
      '// c.json({})',
      'const words = "c.json({})";',
    ],
  },
  {
    title: 'only core/http and listed files use Response, other than as a type',
    find: ({ path, values }) =>
      mayAnswer(path)
        ? []
        : values
            .filter((node) => ts.isIdentifier(node) || isText(node))
            .filter((node) => (ts.isIdentifier(node) ? node.text : constantOf(node)) === 'Response')
            .map(codeOf),
    allowed: [
      // Reads an asset.
      'core/ports.ts: Response',
      // Copies the response of a database.
      'runtime/databases/bounded-fetch.ts: Response',
      'runtime/ports/bodiless-fetch.ts: Response',
      // Respond when there is no app.
      'runtime/servers/refusal.ts: Response',
      'runtime/servers/worker-handler.ts: Response',
    ],
    caught: [
      'add(get, () => new Response("a"));',
      'add(get, () => Response.json({}));',
      'add(get, () => Response.redirect("/"));',
      'add(get, () => new globalThis.Response("a"));',
      'add(get, () => new globalThis["Response"]("a"));',
      'add(get, () => new globalThis["Resp" + "onse"]("a"));',
      'add(get, async () => new Response(await (await f(x)).text()));',
      `add(get, () => new globalThis[\`Resp\${'onse'}\`]('a'));`,
      'const { Response: Answer } = globalThis; add(get, () => new Answer());',
      'const Answer = Response; add(get, () => new Answer());',
      'class Answer extends Response {}',
      'add(get, () => Reflect.construct(Reflect.get(globalThis, "Response"), []));',
      'import { Response as Answer } from "x"; add(get, () => new Answer());',
      ['app.ts', 'app.notFound(() => new Response());'],
      ['core/a.ts', 'export const a = () => new Response();'],
      ['runtime/servers/a.ts', 'export const a = () => new Response();'],
      ['features/x/a.js', 'export const a = () => new Response();'],
    ],
    fine: [
      'const serve = async (): Promise<Response> => next();',
      'type Answer = Response; interface Own extends Response {}',
      'class Own implements Response {}',
      'import type { Response } from "x"; import { type Response as R } from "y";',
      'const read = ({ body }: Response) => 1;',
      'const words = "the Response";',
    ],
  },
  {
    title: 'besides core/http, only z is imported from Hono: its helpers create responses',
    find: ({ path, imports }) =>
      mayAnswer(path)
        ? []
        : imports
            // Only runtime/ may import this: see the rule on drivers.
            .filter(({ from = '' }) => /^@?hono(\/|$)/.test(from) && from !== '@hono/node-server')
            .flatMap(({ from, names }) => names.map((name) => `${name} of ${from}`))
            .filter((use) => use !== 'z of @hono/zod-openapi'),
    // They return strings.
    allowed: [
      'features/docs/page.ts: SwaggerUI of @hono/swagger-ui',
      'features/messages/page.ts: html of hono/html',
    ],
    caught: [
      'import { stream } from "hono/streaming";',
      'import { HTTPException } from "hono/http-exception";',
      'import { Context } from "hono";',
      'import { createRoute, z } from "@hono/zod-openapi";',
      'import * as hono from "hono";',
      'export { html } from "hono/html";',
      'const { html } = await import("hono/html");',
    ],
    fine: [
      'import { z } from "@hono/zod-openapi";',
      'import type { Context } from "hono";',
      'import { type Context } from "hono";',
    ],
  },
];
