import path from 'node:path';
import { type ESTree, parseSync } from 'rolldown/utils';

export type Node = ESTree.Node;

/** A parsed TypeScript file; `name` is its path from the repository's root, with slashes. */
export interface SourceFile {
  readonly name: string;
  readonly program: Node;
  lineOf(node: Node): number;
}

/** @throws Error if the text is not TypeScript. */
export function parseSource(name: string, text: string): SourceFile {
  const { program, errors } = parseSync(name, text);
  const [error] = errors;
  if (error) throw new Error(`${name} cannot be parsed: ${error.message}`);
  return { name, program, lineOf: (node) => text.slice(0, node.start).split('\n').length };
}

/** One place where a file refers to another module. */
export interface Reference {
  readonly specifier: string;
  /** The repository's file it means, or undefined for a package or a `node:` module. */
  readonly file: string | undefined;
  /** A worker's file is loaded by its URL: an arrow like any other, but never a cycle of imports. */
  readonly how: 'import' | 'url';
  readonly line: number;
}

/** Everything a file imports: static, dynamic and type-only imports, re-exports, and files named by URL. */
export function referencesOf(source: SourceFile): Reference[] {
  const found: Reference[] = [];
  for (const { node } of nodesOf(source.program)) {
    const named = moduleNamedBy(node);
    if (!named) continue;
    const { specifier, how } = named;
    const file = specifier.startsWith('.')
      ? path.posix.join(path.posix.dirname(source.name), specifier).replace(/\.js$/, '.ts')
      : undefined;
    // Examples and benchmarks stand in `dist/` elsewhere than here: their URLs name programs to start.
    if (how === 'url' && !(file?.endsWith('.ts') && source.name.startsWith('src/'))) continue;
    found.push({ specifier, file, how, line: source.lineOf(node) });
  }
  return found;
}

function moduleNamedBy(node: Node): { specifier: string; how: Reference['how'] } | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
      return { specifier: node.source.value, how: 'import' };
    case 'ExportNamedDeclaration':
    case 'TSImportType':
      return node.source ? { specifier: node.source.value, how: 'import' } : undefined;
    case 'ImportExpression':
      // A computed one can't be followed; its place in the source stands for it.
      return { specifier: stringOf(node.source) ?? '(computed)', how: 'import' };
    case 'NewExpression': {
      const [first] = node.arguments;
      const specifier = first && isNamed(node.callee, 'URL') ? stringOf(first) : undefined;
      return specifier?.startsWith('.') ? { specifier, how: 'url' } : undefined;
    }
    default:
      return undefined;
  }
}

function stringOf(node: Node): string | undefined {
  return node.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined;
}

export function isNamed(node: Node, name: string): boolean {
  return node.type === 'Identifier' && node.name === name;
}

/** A node, and where it stands: in its parent, under `key`. */
export interface Placed {
  readonly node: Node;
  readonly parent: Node | undefined;
  readonly key: string | undefined;
}

/** Every node of a tree, parents first. */
export function* nodesOf(node: Node, parent?: Node, key?: string): Generator<Placed> {
  yield { node, parent, key };
  for (const [childKey, child] of Object.entries<unknown>({ ...node })) {
    for (const one of Array.isArray(child) ? child : [child]) {
      if (isNode(one)) yield* nodesOf(one, node, childKey);
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
