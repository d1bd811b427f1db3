import type { ASTNode } from '@marcbachmann/cel-js';

const MACROS = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

/** A part of an expression, and the variables of comprehensions around it. */
export type Visit = (node: ASTNode, bound: ReadonlySet<string>) => 'descend' | 'leave';

/** A macro that binds a variable: what it goes over, and what the variable holds in. */
export interface Binding {
  readonly name: string;
  readonly outside: ASTNode;
  readonly inside: readonly ASTNode[];
}

/** The binding that a node makes, if it is `list.map(x, …)`, `cel.bind(x, …, …)` or their like. */
export function bindingOf(node: ASTNode): Binding | undefined {
  if (node.op !== 'rcall') return undefined;
  const [method, receiver, args] = node.args;
  const [variable, value, body] = args;
  if (variable?.op !== 'id') return undefined;
  if (method === 'bind' && receiver.op === 'id' && receiver.args === 'cel' && value && body) {
    return { name: variable.args, outside: value, inside: [body] };
  }
  if (!MACROS.has(method) || args.length < 2) return undefined;
  return { name: variable.args, outside: receiver, inside: args.slice(1) };
}

/** The parts of a node that are expressions, in the order of the text. */
export function partsOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [node.args[0]];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'list':
      return node.args;
    case 'map':
      return node.args.flat();
    case '!_':
    case '-_':
      return [node.args];
    default:
      return node.args;
  }
}

/** Visits a node and, where told to, what it consists of. */
export function walk(node: ASTNode, visit: Visit, bound: ReadonlySet<string> = new Set()): void {
  if (visit(node, bound) === 'leave') return;
  const binding = bindingOf(node);
  if (!binding) {
    for (const part of partsOf(node)) walk(part, visit, bound);
    return;
  }
  walk(binding.outside, visit, bound);
  const inner = new Set(bound).add(binding.name);
  for (const part of binding.inside) walk(part, visit, inner);
}

/** A chain of fields that stands in the text: `task.input["pages"]` is `task` with `input`, `pages`. */
export interface Path {
  readonly root: string;
  readonly keys: readonly string[];
}

export function pathOf(node: ASTNode): Path | undefined {
  if (node.op === 'id') return { root: node.args, keys: [] };
  const key = keyOf(node);
  if (key === undefined) return undefined;
  const left = pathOf((node.args as readonly [ASTNode, unknown])[0]);
  return left && { root: left.root, keys: [...left.keys, key] };
}

/** The field that a node takes, if the text says which. */
export function keyOf(node: ASTNode): string | undefined {
  if (node.op === '.') return node.args[1];
  if (node.op !== '[]') return undefined;
  const index = node.args[1];
  return index.op === 'value' && typeof index.args === 'string' ? index.args : undefined;
}
