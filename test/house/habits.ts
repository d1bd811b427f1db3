import { nodesOf, type SourceFile } from './source-file.js';

const TYPES: Readonly<Record<string, string>> = {
  TSAnyKeyword: 'any',
  TSNonNullExpression: 'a non-null assertion',
  TSEnumDeclaration: 'an enum',
  TSModuleDeclaration: 'a namespace',
};

/** Ways around the type checker, and what would not survive the erasing of types. */
export function looseTypes(source: SourceFile): string[] {
  const found: string[] = [];
  for (const { node } of nodesOf(source.program)) {
    const what = TYPES[node.type];
    if (what) found.push(`${source.name}:${source.lineOf(node)}: ${what}`);
  }
  return found;
}

const RUNNERS = new Set(['it', 'test', 'describe', 'suite', 'bench']);
const EVASIONS = new Set(['skip', 'skipIf', 'runIf', 'only', 'todo', 'fails']);
const EVASIVE_NAMES = new Set(['xit', 'xtest', 'xdescribe', 'fit', 'fdescribe']);

/** Tests that do not run, or keep others from running: `it.skip`, `describe.only`, `ctx.skip()` … */
export function evadedTests(source: SourceFile): string[] {
  const found: string[] = [];
  const add = (line: number, what: string) => found.push(`${source.name}:${line}: ${what}`);
  for (const { node } of nodesOf(source.program)) {
    if (node.type === 'CallExpression' && node.callee.type === 'Identifier') {
      if (EVASIVE_NAMES.has(node.callee.name)) add(source.lineOf(node), node.callee.name);
    }
    if (node.type !== 'MemberExpression' || node.property.type !== 'Identifier') continue;
    const { name } = node.property;
    const of = node.object.type === 'Identifier' ? node.object.name : '';
    const chained = node.object.type === 'MemberExpression' && EVASIONS.has(name);
    if (EVASIONS.has(name) && (RUNNERS.has(of) || chained)) add(source.lineOf(node), `${of}.${name}`);
    if (name === 'skip' && /^(ctx|context|t)$/.test(of)) add(source.lineOf(node), `${of}.skip`);
  }
  return found;
}
