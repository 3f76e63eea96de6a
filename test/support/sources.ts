import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { constantOf, isErased, nodesOf, parse } from './syntax.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const SRC = join(ROOT, 'src');

/** Matches files that a runtime or a bundler reads as code. */
const CODE = /\.[cm]?[jt]sx?$/;

export interface Source {
  /** The path below `src`, such as `features/sessions/routes.ts`. */
  readonly path: string;
  readonly text: string;
  /** All nodes, including types. */
  readonly nodes: readonly ts.Node[];
  /** The nodes that exist at run time. */
  readonly values: readonly ts.Node[];
  readonly imports: readonly Import[];
}

export interface Import {
  /** The name of a package, or the path of one of the project's own files; `undefined` if it is computed. */
  readonly from: string | undefined;
  readonly isType: boolean;
  /** The names of the imported values. `*` stands for all of them. */
  readonly names: readonly string[];
}

/** Returns the paths of all code files below a folder. */
export const codeFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => CODE.test(path));

/** Reads and parses the sources below a folder. */
export const readSources = (folder: string): Source[] =>
  codeFiles(folder).map((path) => sourceOf(path, readFileSync(join(folder, path), 'utf8')));

/** @param path below `src` */
export function sourceOf(path: string, text: string): Source {
  const tree = parse(path, text);
  const nodes = nodesOf(tree);
  const folder = dirname(join(SRC, path));
  return {
    path,
    text,
    nodes,
    values: nodesOf(tree, isErased),
    imports: [
      ...tree.referencedFiles.map(({ fileName }) => importOf(folder, `./${fileName}`, true)),
      ...nodes.flatMap((node) => importsIn(node, folder)),
    ],
  };
}

const importOf = (
  folder: string,
  name: string | undefined,
  isType: boolean,
  names: readonly string[] = isType ? [] : ['*'],
): Import => ({
  from: name?.startsWith('.') ? relative(ROOT, join(folder, name)) : name,
  isType,
  names,
});

function importsIn(node: ts.Node, folder: string): Import[] {
  if (ts.isImportDeclaration(node)) {
    const { importClause, moduleSpecifier } = node;
    const isType = importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    const names = isType ? [] : importedNames(importClause);
    return [importOf(folder, constantOf(moduleSpecifier), isType, names)];
  }
  if (ts.isExportDeclaration(node)) {
    const { moduleSpecifier, isTypeOnly } = node;
    return moduleSpecifier ? [importOf(folder, constantOf(moduleSpecifier), isTypeOnly)] : [];
  }
  if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
    const { expression } = node.moduleReference;
    return [importOf(folder, constantOf(expression), node.isTypeOnly)];
  }
  if (ts.isImportTypeNode(node)) {
    const { argument } = node;
    const isText = ts.isLiteralTypeNode(argument) && ts.isStringLiteralLike(argument.literal);
    return [importOf(folder, isText ? argument.literal.text : undefined, true)];
  }
  if (!ts.isCallExpression(node) || !isLoad(node.expression)) return [];
  const [name] = node.arguments;
  return [importOf(folder, name && ts.isStringLiteralLike(name) ? name.text : undefined, false)];
}

/** True for the functions that load modules: `import`, `require`, `require.resolve` and `import.meta.resolve`. */
function isLoad(callee: ts.Expression): boolean {
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true;
  if (ts.isIdentifier(callee)) return callee.text === 'require';
  return /^(require|import\.meta)\b/.test(callee.getText());
}

function importedNames(clause: ts.ImportClause | undefined): string[] {
  const bindings = clause?.namedBindings;
  const named =
    bindings && ts.isNamedImports(bindings)
      ? bindings.elements
          .filter(({ isTypeOnly }) => !isTypeOnly)
          .map(({ name, propertyName }) => (propertyName ?? name).text)
      : ['*'];
  return clause?.name ? ['default', ...(bindings ? named : [])] : named;
}
