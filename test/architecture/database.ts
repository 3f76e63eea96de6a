import ts from 'typescript';
import type { Source } from '../support/sources.ts';
import { accessesIn, codeOf, constantOf, isBound, isText, textOf } from '../support/syntax.ts';
import type { CodeRule } from './code-rule.ts';

const SCHEMA = /\/db\/(account-)?schema\.ts$/;
/** Matches what can be between `INSERT` and `INTO`. */
const BETWEEN = String.raw`(?:\s|\/\*[\s\S]*?\*\/|--.*\n|\bor\b|\babort\b|\bfail\b|\bignore\b|\breplace\b|\brollback\b)+`;
const INSERT = new RegExp(String.raw`\b(?:insert|replace)${BETWEEN}into\b`, 'i');
const TRANSACTION =
  /^\s*(begin(\s+(deferred|immediate|exclusive|concurrent))?(\s+transaction)?|commit|rollback|end(\s+transaction)?|savepoint\s+\w+)\s*;?\s*$/i;
const isSql = (text: string): boolean => INSERT.test(text) || TRANSACTION.test(text);

/** True for a table that the source imports from the schema under a name, other than `sessions`. */
function isOtherTable(node: ts.Node | undefined, values: readonly ts.Node[]): boolean {
  if (!node || !ts.isIdentifier(node) || isBound(node)) return false;
  const imported = values.find((at) => ts.isImportSpecifier(at) && at.name.text === node.text);
  if (!imported || !ts.isImportSpecifier(imported)) return false;
  const { moduleSpecifier } = imported.parent.parent.parent;
  const isSchema = SCHEMA.test(constantOf(moduleSpecifier) ?? '');
  return isSchema && (imported.propertyName ?? imported.name).text !== 'sessions';
}

/** Strings that are arguments or keys, as in `Reflect.get(db, 'batch')`. */
const argumentsIn = (values: readonly ts.Node[], texts: ReadonlySet<string>): string[] =>
  values
    .filter((node) => ts.isCallExpression(node))
    .filter((call) => call.arguments.some((argument) => texts.has(constantOf(argument) ?? '')))
    .map(codeOf);

const RUN = new Set(['batch', 'transaction', '$client']);
const isDatabase = (node: ts.Node | undefined): boolean =>
  !!node && /(^|\.)(db|database|client|tx)$/i.test(node.getText());

/** The only files besides `core/db` and `runtime/` that may import drizzle and the tables. */
const STORES =
  /^features\/([^/]+\/([a-z]+-)?(store|statements)|admin\/account-columns|passwords\/lockout|networks\/known|roles\/first-admin)\.ts$/;
const isInner = (path: string): boolean => /^(core\/db|runtime)\//.test(path);

/** The helper that inserts into the table of its second argument. */
const HELPER = 'insertWhere';

/** Uses of the helper that do not name another table than `sessions`, and other names for it. */
function insertsByHelper(values: readonly ts.Node[]): string[] {
  const calls = values
    .filter((node) => ts.isCallExpression(node))
    .filter(({ expression }) => expression.getText() === HELPER)
    .filter((call) => !isOtherTable(call.arguments[1], values));
  const aliases = values
    .filter((node) => ts.isImportSpecifier(node))
    .filter(({ propertyName }) => propertyName?.text === HELPER);
  return [...calls, ...aliases].map(codeOf);
}

export const database: readonly CodeRule[] = [
  {
    title: 'only sign-in inserts sessions; inserts into other tables name the table',
    find: ({ path, values }) =>
      path.startsWith('client/')
        ? []
        : [
            ...insertsByHelper(values),
            ...accessesIn(values)
              .filter(({ name }) => name === 'insert')
              .filter(({ call }) => !isOtherTable(call?.arguments[0], values))
              .map(
                ({ node, call }) =>
                  codeOf(node) + (call ? `(${call.arguments.slice(0, 1).map(codeOf)})` : ''),
              ),
          ],
    allowed: [
      // The helper itself.
      'core/db/insert-where.ts: db.insert(table)',
      'features/sign-in/statements.ts: db.insert(sessions)',
      // A method of the store of users, not of drizzle.
      'features/sign-up/demo-user.ts: users.insert({ email, phone, name, passwordHash })',
      'features/sign-up/service.ts: users.insert(newUser)',
    ],
    caught: [
      'import { sessions } from "../../core/db/schema.ts"; db.insert(sessions).values(a);',
      'import { sessions as s } from "../../core/db/schema.ts"; db.insert(s).values(a);',
      'import { sessions as users } from "../../core/db/schema.ts"; db.insert(users).values(a);',
      'import * as schema from "../../core/db/schema.ts"; db.insert(schema.sessions).values(a);',
      'import * as schema from "../../core/db/schema.ts"; db.insert(schema["sessions"]).values(a);',
      'const { sessions: s } = await import("../../core/db/schema.ts"); db.insert(s).values(a);',
      'import { sessions } from "../../core/db/schema.ts"; const s = sessions; db.insert(s);',
      'import { sessions } from "../../core/db/schema.ts"; db["insert"](sessions).values(a);',
      'import { sessions } from "../../core/db/schema.ts"; const { insert } = db;',
      'import { users } from "../../core/db/other.ts"; db.insert(users).values(a);',
      'import { users } from "../../core/db/schema.ts"; const f = (users) => db.insert(users);',
      'export const add = (db, table) => db.insert(table);',
      'import { sessions } from "../../core/db/schema.ts"; insertWhere(db, sessions, a, b);',
      'export const add = (db, table) => insertWhere(db, table, a, b);',
      'import { insertWhere as add } from "../../core/db/insert-where.ts"; add(db, sessions, a, b);',
      ['features/sign-in/store.ts', 'db.insert(sessions).values(a);'],
      ['runtime/databases/a.ts', 'db.insert(sessions).values(a);'],
      ['features/x/a.js', 'db.insert(sessions).values(a);'],
    ],
    fine: [
      'import { users } from "../../core/db/schema.ts"; insertWhere(db, users, a, b);',
      'import { users } from "../../core/db/schema.ts"; db.insert(users).values(a);',
      'import { users as u } from "../../core/db/schema.ts"; db.insert(u).values(a);',
      'export const store = { async insert(user) {} }; type Insert = typeof db.insert;',
    ],
  },
  {
    title: 'only sign-in uses the statement that inserts a session',
    find: ({ path, values }) =>
      path.startsWith('features/sign-in/')
        ? []
        : values
            .filter((node) => ts.isIdentifier(node) || ts.isStringLiteralLike(node))
            .filter(({ text }) => text.includes('insertSession'))
            .map((node) => codeOf(node)),
    allowed: [],
    caught: [
      'change(db, { claim, ifChanged: [insertSession(db, session)] });',
      'import { insertSession as other } from "../sign-in/statements.ts";',
      'import * as signIn from "../sign-in/statements.ts"; signIn["insertSession"](db, a);',
      'export { insertSession } from "../sign-in/statements.ts";',
    ],
    fine: ['// insertSession'],
  },
  {
    title: 'no INSERT and no transaction is written as SQL text',
    find: ({ path, values }) =>
      /^(runtime|client)\//.test(path)
        ? []
        : values
            .filter(isText)
            .filter((node) => !isText(node.parent) && isSql(textOf(node)))
            .map(codeOf),
    allowed: [],
    caught: [
      'db.run(sql`insert into sessions (id) values (1)`);',
      `db.run(sql\`INSERT INTO \${sessions} values (1)\`);`,
      `db.run(sql\`insert or replace into \${table} values (1)\`);`,
      `db.run(sql\`replace /* a */ into \${table} values (1)\`);`,
      'db.run(sql.raw("insert\\n  into sessions values (1)"));',
      'db.run(sql.raw("ins" + "ert into sessions"));',
      `db.run(sql.raw(\`in\${"sert"} into sessions\`));`,
      'const verb = "insert "; const rest = "into sessions"; db.run(sql.raw(verb + rest));',
      'db.run(sql`begin immediate`);',
      'db.run(sql.raw("BEGIN"));',
      'db.run(sql`savepoint a`);',
      ['core/db/a.ts', 'db.run("insert into sessions values (1)");'],
    ],
    fine: [
      'throw new Error("INSERT … RETURNING gave no row");',
      'const words = "Begin with the end";',
      `sql\`select 1 from \${sessions}\`;`,
    ],
  },
  {
    title: 'only core/db/change.ts builds a batch, in which the order matters',
    find: ({ path, values }) =>
      path === 'core/db/change.ts' || path.startsWith('runtime/databases/')
        ? []
        : [
            ...accessesIn(values)
              .filter(({ name, of }) => (name === undefined ? isDatabase(of) : RUN.has(name)))
              .map(({ node }) => codeOf(node)),
            ...argumentsIn(values, RUN),
          ],
    allowed: [],
    caught: [
      'await db.batch([a, b]);',
      'await db.transaction(async (tx) => tx.run(a));',
      'await db["batch"]([a]);',
      'await db[`batch`]([a]);',
      'await db["ba" + "tch"]([a]);',
      'await db[nameOf(a)]([a]);',
      'const { batch } = db;',
      'const { transaction: t } = parts.db;',
      'let b; ({ batch: b } = db);',
      'const run = ({ batch }) => batch([a]);',
      'const run = db.batch.bind(db);',
      'await db?.batch?.([a]);',
      'await Reflect.get(db, "batch").call(db, [a]);',
      'await db.$client.execute("select 1");',
      ['core/db/a.ts', 'await db.batch([a]);'],
      ['deps.ts', 'await db.batch([a]);'],
      ['runtime/commands/a.ts', 'await db.transaction(a);'],
      ['features/x/a.js', 'await db.batch([a]);'],
    ],
    fine: [
      'for (let batch = 0; batch < 9; batch++) run(batch);',
      'import type { BatchItem } from "drizzle-orm/batch"; type Batch = typeof db.batch;',
      'change(db, { claim });',
    ],
  },
  {
    title: 'besides runtime/, only core/db, stores and statements import drizzle and the tables',
    find: ({ path, imports }: Source) =>
      imports
        .map(({ from = '' }) => from)
        .filter((from) => from.startsWith('drizzle-orm') || SCHEMA.test(from))
        // Stores may import drizzle-orm itself, but not its subpaths, which build other tables and statements.
        .filter(
          (from) => !isInner(path) && !(STORES.test(path) && /^(drizzle-orm|src\/.*)$/.test(from)),
        ),
    allowed: [],
    caught: [
      'import { sql } from "drizzle-orm";',
      'import type { SQL } from "drizzle-orm";',
      'import { users } from "../../core/db/schema.ts";',
      'import { notices } from "../../core/db/account-schema.ts";',
      'type Users = typeof import("../../core/db/schema.ts").users;',
      'export * from "../../core/db/schema.ts";',
      ['features/x/lockout.ts', 'import { sql } from "drizzle-orm";'],
      ['features/x/known.ts', 'import { sql } from "drizzle-orm";'],
      ['features/x/account-columns.ts', 'import { sql } from "drizzle-orm";'],
      ['features/x/first-admin.ts', 'import { sql } from "drizzle-orm";'],
      ['features/x/y/store.ts', 'import { sql } from "drizzle-orm";'],
      ['config/store.ts', 'import { sql } from "drizzle-orm";'],
      ['features/x/store.ts', 'import { sqliteTable } from "drizzle-orm/sqlite-core";'],
      ['features/x/store.js', 'import { sql } from "drizzle-orm";'],
    ],
    fine: ['import type { Database } from "../../core/db/database.ts";'],
  },
];
