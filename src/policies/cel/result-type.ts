import type { ASTNode } from '@marcbachmann/cel-js';
import type { ExpressionUse } from '../../ports/policy-engine.js';
import { DURATION } from './cel-types.js';
import { typeOf } from './library-internals.js';
import type { Misplaced } from './problems.js';
import { bindingOf } from './syntax-tree.js';

/** What the answers of a use may be. */
interface Results {
  /** In words. */
  readonly wanted: string;
  readonly types: readonly string[];
  /** Of a map: its fields with their types; `null`: any; `undefined`: it may not be a map. */
  readonly fields?: Readonly<Record<string, string>> | null;
  /** Of a map: one of these must be there. */
  readonly needed?: readonly string[];
}

const RESULTS: Readonly<Record<ExpressionUse, Results>> = {
  APPROVAL: {
    wanted: 'a bool or a map {accepted, reason, needs_human, due}',
    types: ['bool'],
    fields: { accepted: 'bool', reason: 'string', needs_human: 'bool', due: DURATION },
    needed: ['accepted', 'needs_human'],
  },
  PRIORITY: {
    wanted: 'an int from 0 to 1000 or a map {priority}',
    types: ['int'],
    fields: { priority: 'int' },
    needed: ['priority'],
  },
  AUCTION_INPUT: { wanted: 'a map', types: [], fields: null },
  PLAN_RETRIEVE: {
    wanted: "an agent's id or a map {head_agent_subject_id, reason}",
    types: ['string'],
    fields: { head_agent_subject_id: 'string', reason: 'string' },
    needed: ['head_agent_subject_id'],
  },
  HEAD_START: { wanted: 'a duration from 0s to 48h', types: [DURATION] },
  VALIDATE: { wanted: 'a bool or a string', types: ['bool', 'string'] },
};

/** What can be known of a checked expression's answer before it is evaluated, and is wrong. */
export function wrongResultsIn(use: ExpressionUse, tree: ASTNode): readonly Misplaced[] {
  return leavesOf(tree).flatMap((leaf) => wrongIn(RESULTS[use], leaf));
}

/** The parts that can be the answer: both sides of `? :`, what a `cel.bind` is for. */
function leavesOf(node: ASTNode): readonly ASTNode[] {
  if (node.op === '?:') return [...leavesOf(node.args[1]), ...leavesOf(node.args[2])];
  const body = node.op === 'rcall' && node.args[0] === 'bind' ? bindingOf(node)?.inside[0] : undefined;
  return body ? leavesOf(body) : [node];
}

function wrongIn(results: Results, leaf: ASTNode): readonly Misplaced[] {
  if (leaf.op === 'map' && results.fields) return wrongFields(leaf, results.fields, results.needed ?? []);
  const type = typeOf(leaf);
  const map = type === 'map' || type.startsWith('map<');
  const right = isDynamic(type) || results.types.includes(type) || (map && results.fields !== undefined);
  if (!right)
    return [{ position: leaf.start, message: `must answer ${results.wanted}, not ${nameOf(type)}` }];
  return results.types.includes('int') ? wrongPriority(leaf) : [];
}

function wrongFields(
  map: ASTNode & { readonly op: 'map' },
  fields: Readonly<Record<string, string>>,
  needed: readonly string[],
): readonly Misplaced[] {
  const names = map.args.map(([key]) =>
    key.op === 'value' && typeof key.args === 'string' ? key.args : null,
  );
  const wrong = map.args.flatMap(([key, value], at) => {
    const name = names[at];
    if (name === null || name === undefined) return [];
    const wanted = fields[name];
    if (wanted === undefined) {
      const message = `unknown field ${name} of the answer; there are ${Object.keys(fields).join(', ')}`;
      return [{ position: key.start, message }];
    }
    return wrongValue(name, wanted, value);
  });
  // A name that is computed may be any of them.
  if (names.includes(null) || names.some((name) => name !== null && needed.includes(name))) return wrong;
  return [...wrong, { position: map.start, message: `the answer lacks the field ${needed.join(' or ')}` }];
}

function wrongValue(name: string, wanted: string, value: ASTNode): readonly Misplaced[] {
  const type = typeOf(value);
  if (isDynamic(type) || type === 'null') return [];
  if (type !== wanted) {
    return [{ position: value.start, message: `${name} must be ${nameOf(wanted)}, not ${nameOf(type)}` }];
  }
  return name === 'priority' ? wrongPriority(value) : [];
}

function wrongPriority(node: ASTNode): readonly Misplaced[] {
  if (node.op === '-_' && node.args.op === 'value') {
    return [{ position: node.start, message: 'a priority is from 0 to 1000' }];
  }
  if (node.op !== 'value' || typeof node.args !== 'bigint' || node.args <= 1_000n) return [];
  return [{ position: node.start, message: `a priority is from 0 to 1000, not ${node.args}` }];
}

function isDynamic(type: string): boolean {
  return type === 'dyn' || type.startsWith('dyn<');
}

function nameOf(type: string): string {
  return type.replaceAll('google.protobuf.', '').toLowerCase();
}
