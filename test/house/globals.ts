import { partOf } from './arrows.js';
import { isNamed, nodesOf, type Placed, type SourceFile } from './source-file.js';

/** The parts that get time, timers, randomness and ids from ports, so that a simulation can own them. */
const CORE = ['domain', 'ports', 'usecases', 'memory', 'maintenance', 'api'];

const FORBIDDEN_NAMES = new Set([
  ...['performance', 'crypto', 'setTimeout', 'setInterval', 'setImmediate'],
  ...['clearTimeout', 'clearInterval', 'clearImmediate'],
  ...[
    'randomUUID',
    'randomBytes',
    'randomInt',
    'randomFill',
    'randomFillSync',
    'getRandomValues',
    'webcrypto',
  ],
]);
/** `process` by itself could be anything of it: it is written out, or not used. */
const ENVIRONMENT = new Set(['process', 'process.env', 'env']);
const FORBIDDEN_MEMBERS = new Set(['Date.now', 'Math.random', 'AbortSignal.timeout', 'process.hrtime']);

/** Uses of the world's clock, timers and randomness in the core, and of the environment outside main.ts. */
export function strayGlobals(sources: readonly SourceFile[]): string[] {
  return sources.flatMap((source) => {
    const part = partOf(source.name) ?? '';
    const found: string[] = [];
    for (const placed of nodesOf(source.program)) {
      const name = globalUsedBy(placed);
      if (name === undefined) continue;
      const stray = ENVIRONMENT.has(name) ? readsNoEnvironment(source.name) : CORE.includes(part);
      if (stray) found.push(`${source.name}:${source.lineOf(placed.node)}: uses ${name}`);
    }
    return found;
  });
}

function readsNoEnvironment(file: string): boolean {
  return file.startsWith('src/') && file !== 'src/main.ts';
}

function globalUsedBy({ node, parent, key }: Placed): string | undefined {
  if (node.type === 'MemberExpression') {
    const { object, property } = node;
    if (object.type !== 'Identifier' || property.type !== 'Identifier' || node.computed) return undefined;
    const member = `${object.name}.${property.name}`;
    if (member === 'process.env' || FORBIDDEN_MEMBERS.has(member)) return member;
    return object.name === 'globalThis' ? member : undefined;
  }
  if (node.type === 'NewExpression' && isNamed(node.callee, 'Date') && node.arguments.length === 0) {
    return 'new Date()';
  }
  if (node.type === 'CallExpression' && isNamed(node.callee, 'Date')) return 'Date()';
  if (node.type !== 'Identifier') return undefined;
  if (parent?.type === 'ImportSpecifier' && key === 'imported') {
    return node.name === 'env' || FORBIDDEN_NAMES.has(node.name) ? node.name : undefined;
  }
  if (isOnlyAName(parent, key)) return undefined;
  if (node.name === 'process') return parent?.type === 'MemberExpression' ? undefined : 'process';
  return FORBIDDEN_NAMES.has(node.name) ? node.name : undefined;
}

/** Whether an identifier names a member or a binding instead of reading a global. */
function isOnlyAName(parent: Placed['node'] | undefined, key: string | undefined): boolean {
  if (!parent) return false;
  if (parent.type === 'MemberExpression') return key === 'property' && !parent.computed;
  return key === 'key' || key === 'params' || key === 'id' || parent.type === 'ImportSpecifier';
}
