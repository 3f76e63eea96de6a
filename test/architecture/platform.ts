import { isBuiltin } from 'node:module';
import ts from 'typescript';
import { accessesIn, codeOf, constantOf, globalsIn } from '../support/syntax.ts';
import type { CodeRule } from './code-rule.ts';

const DRIVER =
  /^(node:|bun|@libsql\/|libsql$|drizzle-orm\/(?!sqlite-core$|batch$)|@hono\/node-server|@cloudflare\/|[a-z]+:)/;
/** Names that may not appear outside `runtime/`, not even as a type. */
const RUNTIMES = new Set(['process', 'Deno', 'Bun', 'Buffer', 'NodeJS']);
/** Names that reach a global by another name, a module through `require`, or the network. */
const GLOBALS = new Set([
  ...['globalThis', 'self', 'window', 'global', 'eval', 'Function', 'Reflect'],
  ...['require', 'module', '__dirname', '__filename'],
  ...['XMLHttpRequest', 'WebSocket', 'EventSource', 'WebTransport'],
]);
const GLOBAL_OBJECT = /^(globalThis|self|window|global)$/;
const LATER = new Set(['executionCtx', 'waitUntil', 'passThroughOnException']);

export const platform: readonly CodeRule[] = [
  {
    title: 'only runtime/ imports drivers and modules of a runtime',
    find: ({ path, imports }) =>
      path.startsWith('runtime/')
        ? []
        : imports
            .map(({ from = '' }) => from)
            .filter((from) => DRIVER.test(from) || isBuiltin(from)),
    allowed: [],
    caught: [
      'import { readFileSync } from "node:fs";',
      'import { readFileSync } from "fs";',
      'import fs = require("node:fs");',
      'const fs = require("node:fs");',
      'const fs = await import("node:fs");',
      'const fs = await import(`node:fs`);',
      'type Fs = typeof import("node:fs");',
      'export * from "node:fs";',
      'import type { Client } from "@libsql/client";',
      'import { drizzle } from "drizzle-orm/d1";',
      ['core/db/a.ts', 'import { drizzle } from "drizzle-orm/better-sqlite3";'],
      'import { connect } from "cloudflare:sockets";',
      'import { serve } from "@hono/node-server";',
      ['features/x/climb.js', 'import { readFileSync } from "node:fs";'],
      ['app.ts', 'import { Database } from "bun:sqlite";'],
    ],
    fine: ['import { z } from "@hono/zod-openapi";', '// import "node:fs";'],
  },
  {
    title: 'only runtime/ names a runtime, the environment or the global object',
    find: ({ path, nodes, values }) =>
      path.startsWith('runtime/')
        ? []
        : [
            ...nodes.filter((node) => ts.isIdentifier(node) && RUNTIMES.has(node.text)),
            ...globalsIn(values, GLOBALS),
            ...values.filter((node) => ts.isMetaProperty(node) && node.name.text === 'meta'),
          ].map((node) => codeOf(node.parent)),
    allowed: [
      // The client runs in browsers too.
      'client/client.ts: globalThis.fetch',
      'client/client.ts: globalThis.navigator',
      'client/tokens.ts: Reflect.get',
      "client/tokens.ts: Reflect.get(globalThis, 'sessionStorage')",
      "client/tokens.ts: target: Partial<Pick<typeof globalThis, 'addEventListener' |",
      // `Reflect` on bytes and on the members of a body.
      'core/crypto/bytes.ts: Reflect.apply',
      'core/http/field-errors.ts: Reflect.get',
    ],
    caught: [
      'const secret = process.env.SECRET;',
      'const secret = process["env"].SECRET;',
      'const { env } = process;',
      'const secret = globalThis.process.env.SECRET;',
      'const secret = globalThis["pro" + "cess"].env.SECRET;',
      'const secret = Deno.env.get("SECRET");',
      'const bytes = Buffer.from("a");',
      'type Env = NodeJS.ProcessEnv; type Server = Bun.Server;',
      'const here = import.meta.url;',
      'const run = new Function("return process")();',
      'eval("process.env");',
      'const load = require;',
      'declare const self: { process: unknown }; self.process;',
      'const socket = new WebSocket(url);',
      ['features/x/climb.js', 'export const secret = process.env.SECRET;'],
    ],
    fine: ['const bytes = new ArrayBuffer(1);', 'const f = (self) => self.a;', '// process.env'],
  },
  {
    title:
      'only listed files of runtime/ use the global fetch, for the outbound port and the drivers',
    find: ({ values }) => [
      ...globalsIn(values, new Set(['fetch'])).map((node) => codeOf(node.parent)),
      ...accessesIn(values)
        .filter(({ name, of }) => name === 'fetch' && GLOBAL_OBJECT.test(of?.getText() ?? ''))
        .map(({ node }) => codeOf(node)),
    ],
    allowed: [
      'client/client.ts: globalThis.fetch',
      'runtime/commands/messages.ts: createOutbound(fetch)',
      'runtime/commands/users/accounts.ts: createOutbound(fetch)',
      'runtime/databases/bounded-fetch.ts: send = fetch',
      'runtime/databases/libsql.ts: send: typeof fetch = fetch',
      "runtime/servers/bun-listen.ts: fetch(input, method === 'POST' ? init : { ...init, keepalive",
      'runtime/servers/deno-listen.ts: fetch(url, { ...init, method, headers, ...streamed })',
      'runtime/servers/server.ts: runtime.fetchOnce ?? fetch',
      'runtime/servers/worker-app.ts: createOutbound(fetch)',
    ],
    caught: [
      'const response = await fetch(url);',
      'const send = fetch;',
      'const parts = { fetch };',
      'const f = (send = fetch) => send(url);',
      'const response = await globalThis.fetch(url);',
      'const response = await self["fetch"](url);',
      'declare const fetch: Send; await fetch(url);',
      'import { fetch } from "undici"; await fetch(url);',
      'import { fetch as send } from "undici"; await send(url);',
      'const f = () => { const fetch = parts.fetch; }; await fetch(url);',
      ['core/outbound.ts', 'await fetch(url);'],
      ['runtime/commands/a.ts', 'await fetch(url);'],
      ['features/x/a.js', 'await fetch(url);'],
    ],
    fine: [
      'export function create({ fetch }: Parts) { return () => fetch(url, {}); }',
      'export const create = (fetch: Outbound) => fetch(url, {});',
      'const deps = { fetch: platform.fetch };',
      'export const create = (send: typeof fetch) => send(url);',
    ],
  },
  {
    title: 'only the port of later work uses the execution context',
    find: ({ values }) => [
      ...accessesIn(values)
        .filter(({ name }) => LATER.has(name ?? ''))
        .map(({ node }) => codeOf(node)),
      ...values
        .filter((node) => ts.isCallExpression(node))
        .filter((call) => call.arguments.some((of) => LATER.has(constantOf(of) ?? '')))
        .map(codeOf),
    ],
    allowed: ['core/http/later.ts: c.executionCtx', 'core/http/later.ts: c.executionCtx.waitUntil'],
    caught: [
      'add(get, (c) => { c.executionCtx.waitUntil(work); });',
      'add(get, (c) => { c["executionCtx"]; });',
      'add(get, ({ executionCtx }) => executionCtx);',
      'add(get, ({ executionCtx: { waitUntil: later } }) => later(work));',
      'const later = context.waitUntil.bind(context);',
      'Reflect.get(c, "executionCtx");',
      ['core/http/a.ts', 'c.executionCtx.waitUntil(work);'],
      ['runtime/servers/a.ts', 'context.waitUntil(work);'],
    ],
    fine: ['laterOf(c, log)(work);', 'const background = { waitUntil(work) {} };'],
  },
];
