// A copy of the source without the descriptions of operations and schemas, for the deployed Worker: it serves the
// OpenAPI document that openapi.json has, and nothing else reads them. Lines stay where they are.
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { replaceFile } from './replace-file.mjs';

const SOURCE = fileURLToPath(new URL('../src/', import.meta.url));
const TARGET = fileURLToPath(new URL('../dist/worker/src/', import.meta.url));

/** Only these files describe operations and schemas. */
const DESCRIBED = /^(?:features\/|core\/http\/).*\b(?:contract|fields|schema|schemas)\.ts$/;
const NAMES = new Set(['description', 'summary']);

export async function copySource() {
  const files = (await readdir(SOURCE, { recursive: true })).filter((name) => name.endsWith('.ts'));
  const old = await readdir(TARGET, { recursive: true }).catch(() => []);
  const gone = old.filter((name) => name.endsWith('.ts') && !files.includes(name));
  for (const name of gone) await rm(join(TARGET, name));
  for (const name of files) {
    await mkdir(dirname(join(TARGET, name)), { recursive: true });
    const text = await readFile(join(SOURCE, name), 'utf8');
    const copied = DESCRIBED.test(name.replaceAll('\\', '/')) ? withoutDescriptions(text) : text;
    await replaceFile(join(TARGET, name), Buffer.from(copied));
  }
}

/** Replaces each description that is a text by an empty one, and keeps its line breaks. */
export function withoutDescriptions(text) {
  const file = ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest);
  const found = [];
  const visit = (node) => {
    if (isDescription(node, file)) found.push(node.initializer);
    else ts.forEachChild(node, visit);
  };
  visit(file);
  return found.reduceRight((rest, node) => {
    const [start, end] = [node.getStart(file), node.end];
    const lines = text.slice(start, end).replaceAll(/[^\n]/g, '');
    return `${rest.slice(0, start)}''${lines}${rest.slice(end)}`;
  }, text);
}

const isDescription = (node, file) =>
  ts.isPropertyAssignment(node) &&
  NAMES.has(node.name.getText(file)) &&
  (ts.isStringLiteralLike(node.initializer) || ts.isTemplateExpression(node.initializer));
