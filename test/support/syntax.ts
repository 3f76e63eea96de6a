import ts from 'typescript';

/** Parses a source file. Its nodes know their parents. */
export const parse = (path: string, text: string): ts.SourceFile =>
  ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);

/** Returns a node and all nodes below it, except nodes for which `isSkipped` is true and the nodes below these. */
export function nodesOf(
  node: ts.Node,
  isSkipped: (node: ts.Node) => boolean = () => false,
): ts.Node[] {
  const nodes: ts.Node[] = [];
  const visit = (at: ts.Node): void => {
    if (isSkipped(at)) return;
    nodes.push(at);
    ts.forEachChild(at, visit);
  };
  visit(node);
  return nodes;
}

/** True for code that does not exist at run time: types and ambient declarations. */
export function isErased(node: ts.Node): boolean {
  // TypeScript also counts `X` in `class extends X` and the expression `f<T>` as types, but they exist at run time.
  if (ts.isExpressionWithTypeArguments(node)) {
    const { parent } = node;
    if (!ts.isHeritageClause(parent)) return false;
    return !ts.isClassLike(parent.parent) || parent.token === ts.SyntaxKind.ImplementsKeyword;
  }
  if (ts.isExportDeclaration(node) || ts.isImportSpecifier(node) || ts.isExportSpecifier(node)) {
    return node.isTypeOnly;
  }
  return (
    ts.isTypeNode(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isTypeParameterDeclaration(node) ||
    (ts.isImportClause(node) && node.phaseModifier === ts.SyntaxKind.TypeKeyword) ||
    isAmbient(node)
  );
}

const isAmbient = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) &&
  !!ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword);

/** Returns the code of a node on one line, for a message. */
export const codeOf = (node: ts.Node): string =>
  node
    .getText()
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ (?=\.\w)/g, '')
    .slice(0, 60);

/** Returns the expression without parentheses, `!` and type assertions. */
function bare(expression: ts.Expression): ts.Expression {
  return isWrapper(expression) ? bare(expression.expression) : expression;
}

const isWrapper = (node: ts.Node) =>
  ts.isParenthesizedExpression(node) ||
  ts.isNonNullExpression(node) ||
  ts.isAsExpression(node) ||
  ts.isSatisfiesExpression(node) ||
  ts.isTypeAssertionExpression(node);

/** True for expressions that build a text. */
export function isText(
  node: ts.Node,
): node is ts.StringLiteralLike | ts.TemplateExpression | ts.BinaryExpression {
  return (
    ts.isStringLiteralLike(node) ||
    ts.isTemplateExpression(node) ||
    (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
  );
}

/** Stands for a part of a text that is known only at run time. */
const UNKNOWN = '\u0000';

/** Returns the text of a constant expression, or `undefined` if it is known only at run time. */
export function constantOf(expression: ts.Expression): string | undefined {
  const text = textOf(expression);
  return text.includes(UNKNOWN) ? undefined : text;
}

/** Returns the text of an expression, with a NUL for each part that is known only at run time. */
export function textOf(expression: ts.Expression, depth = 0): string {
  const part = (of: ts.Expression): string => (depth > 20 ? UNKNOWN : textOf(of, depth + 1));
  const inner = bare(expression);
  if (ts.isStringLiteralLike(inner) || ts.isNumericLiteral(inner)) return inner.text;
  if (ts.isTaggedTemplateExpression(inner)) return part(inner.template);
  if (ts.isTemplateExpression(inner)) {
    return inner.templateSpans.reduce(
      (text, { expression, literal }) => text + part(expression) + literal.text,
      inner.head.text,
    );
  }
  if (ts.isBinaryExpression(inner) && inner.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    return part(inner.left) + part(inner.right);
  }
  const value = ts.isIdentifier(inner) && constantsOf(inner.getSourceFile()).get(inner.text);
  return value ? part(value) : UNKNOWN;
}

type Constants = ReadonlyMap<string, ts.Expression | undefined>;
const constants = new WeakMap<ts.SourceFile, Constants>();

/** Returns the values of the constants in a file by name; `undefined` for a name that several variables share. */
function constantsOf(file: ts.SourceFile): Constants {
  const known = constants.get(file);
  if (known) return known;
  const found = new Map<string, ts.Expression | undefined>();
  for (const node of nodesOf(file)) {
    if (!ts.isVariableDeclaration(node) || !ts.isIdentifier(node.name)) continue;
    const isConstant = (node.parent.flags & ts.NodeFlags.Const) !== 0 && !found.has(node.name.text);
    found.set(node.name.text, isConstant ? node.initializer : undefined);
  }
  constants.set(file, found);
  return found;
}

/** An access to a member of an object: `a.b`, `a['b']`, `{b} = a`, `({b}) => …`. */
export interface Access {
  /** The name of the member; `undefined` if it is known only at run time. */
  readonly name: string | undefined;
  readonly node: ts.Node;
  /** The object, if the code names it. */
  readonly of?: ts.Expression;
  /** The call, if the member is called directly. */
  readonly call?: ts.CallExpression;
}

/** Returns the accesses to members among the nodes. */
export const accessesIn = (nodes: readonly ts.Node[]): Access[] => nodes.flatMap(accessOf);

function accessOf(node: ts.Node): Access | readonly Access[] {
  if (ts.isPropertyAccessExpression(node)) {
    return { name: node.name.text, node, of: bare(node.expression), ...callOf(node) };
  }
  if (ts.isElementAccessExpression(node)) {
    const name = constantOf(node.argumentExpression);
    return { name, node, of: bare(node.expression), ...callOf(node) };
  }
  if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent) && !node.dotDotDotToken) {
    const key = node.propertyName ?? node.name;
    return { name: ts.isBindingName(key) ? key.getText() : nameOf(key), node };
  }
  if (ts.isObjectLiteralExpression(node) && isTarget(node)) {
    return node.properties.flatMap((property) =>
      property.name ? [{ name: nameOf(property.name), node: property }] : [],
    );
  }
  return [];
}

const nameOf = (name: ts.PropertyName): string | undefined =>
  ts.isComputedPropertyName(name) ? constantOf(name.expression) : name.text;

function callOf(node: ts.Expression): { readonly call?: ts.CallExpression } {
  const { parent } = node;
  if (isWrapper(parent)) return callOf(parent);
  return ts.isCallExpression(parent) && parent.expression === node ? { call: parent } : {};
}

/** True if an object or array literal is the target of an assignment. */
function isTarget(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isBinaryExpression(parent)) {
    const isAssignment = parent.operatorToken.kind === ts.SyntaxKind.EqualsToken;
    return isAssignment && parent.left === node;
  }
  if (ts.isForOfStatement(parent)) return parent.initializer === node;
  if (ts.isPropertyAssignment(parent))
    return parent.initializer === node && isTarget(parent.parent);
  return (ts.isArrayLiteralExpression(parent) || isWrapper(parent)) && isTarget(parent);
}

/** Returns the uses of global variables with these names among the nodes. Imports with such a name count too. */
export const globalsIn = (nodes: readonly ts.Node[], names: ReadonlySet<string>): ts.Identifier[] =>
  nodes
    .filter((node) => ts.isIdentifier(node))
    .filter((node) => names.has(node.text) && isVariable(node) && !isBound(node));

/** False for the name of a member. */
function isVariable(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isShorthandPropertyAssignment(parent)) return parent.name === node;
  if (ts.isBindingElement(parent)) return parent.initializer === node;
  if (ts.isImportSpecifier(parent)) return (parent.propertyName ?? parent.name) === node;
  const isMember = ts.isClassElement(parent) || ts.isObjectLiteralElement(parent);
  return !isMember || parent.name !== node;
}

/** True if a scope around the identifier declares its name, except by an import. */
export function isBound(identifier: ts.Identifier): boolean {
  for (let at: ts.Node = identifier; at.parent; at = at.parent) {
    const scope = at.parent;
    if (declarationsOf(scope).some((name) => declares(name, identifier.text))) return true;
  }
  return false;
}

function declarationsOf(scope: ts.Node): (ts.BindingName | undefined)[] {
  if (ts.isFunctionLike(scope)) return scope.parameters.map(({ name }) => name);
  if (ts.isCatchClause(scope)) return [scope.variableDeclaration?.name];
  if (ts.isForStatement(scope) || ts.isForOfStatement(scope) || ts.isForInStatement(scope)) {
    return scope.initializer ? variablesOf(scope.initializer) : [];
  }
  if (!ts.isBlock(scope) && !ts.isSourceFile(scope) && !ts.isCaseOrDefaultClause(scope)) return [];
  return scope.statements
    .filter((statement) => !isAmbient(statement))
    .flatMap((statement) => {
      if (ts.isVariableStatement(statement)) return variablesOf(statement.declarationList);
      const isNamed = ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement);
      return isNamed ? [statement.name] : [];
    });
}

const variablesOf = (node: ts.Node): ts.BindingName[] =>
  ts.isVariableDeclarationList(node) ? node.declarations.map(({ name }) => name) : [];

const declares = (binding: ts.BindingName | undefined, name: string): boolean =>
  binding !== undefined &&
  (ts.isIdentifier(binding)
    ? binding.text === name
    : binding.elements.some(
        (element) => ts.isBindingElement(element) && declares(element.name, name),
      ));
