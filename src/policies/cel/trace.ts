import { type ASTNode, serialize } from '@marcbachmann/cel-js';
import type { JsonValue } from '../../domain/json.js';
import type { ExpressionUse, TraceStep } from '../../ports/policy-engine.js';
import { type CelInput, compilePart, type Program } from './compile.js';
import { causeOf } from './problems.js';
import { bindingOf, partsOf } from './syntax-tree.js';
import { type CelValue, jsonOf } from './values.js';

export const MAX_STEPS = 200;
/** A value or a part that is longer, as text, is cut. */
const MAX_LENGTH = 2_000;

/** What a part came to; `undefined` if that could not be found out. */
type Came = { readonly value: CelValue } | undefined;

/**
 * What the parts of an expression come to, innermost first; what is not reached (the other side of a `? :`,
 * what follows `false &&`) is left out. Parts that hang on the variable of a comprehension have no value
 * of their own.
 */
export function traceOf({ use, tree }: Program, input: CelInput, goOn: () => boolean): readonly TraceStep[] {
  const steps: TraceStep[] = [];

  const visit = (node: ASTNode, bound: ReadonlySet<string>): Came => {
    if (steps.length >= MAX_STEPS || !goOn()) return undefined;
    visitParts(node, bound);
    if (steps.length >= MAX_STEPS || !goOn() || hangsOn(node, bound)) return undefined;
    const { came, step } = stepOf(use, node, input);
    if (node.op !== 'value' && node.op !== 'id') steps.push(step);
    return came;
  };

  const visitParts = (node: ASTNode, bound: ReadonlySet<string>): void => {
    if (node.op === '?:') {
      const [condition, ...sides] = node.args;
      const came = visit(condition, bound);
      for (const [at, side] of sides.entries()) {
        if (came === undefined || came.value === (at === 0)) visit(side, bound);
      }
      return;
    }
    if (node.op === '&&' || node.op === '||') {
      const came = visit(node.args[0], bound);
      if (came?.value !== (node.op === '||')) visit(node.args[1], bound);
      return;
    }
    // What `has` is asked about need not be there.
    if (node.op === 'call' && node.args[0] === 'has') return;
    const binding = bindingOf(node);
    if (!binding) {
      for (const part of partsOf(node)) visit(part, bound);
      return;
    }
    visit(binding.outside, bound);
    const inner = new Set(bound).add(binding.name);
    for (const part of binding.inside) visit(part, inner);
  };

  visit(tree, new Set());
  return steps;
}

function stepOf(use: ExpressionUse, node: ASTNode, input: CelInput): { came: Came; step: TraceStep } {
  const expression = serialize(node);
  const shown = cut(expression);
  try {
    const value = compilePart(use, expression)(input);
    return { came: { value }, step: { expression: shown, value: shortened(value), error: '' } };
  } catch (error) {
    const message = cut(causeOf(error));
    return { came: undefined, step: { expression: shown, value: null, error: message } };
  }
}

function hangsOn(node: ASTNode, bound: ReadonlySet<string>): boolean {
  if (bound.size === 0) return false;
  if (node.op === 'id') return bound.has(node.args);
  const binding = bindingOf(node);
  if (!binding) return partsOf(node).some((part) => hangsOn(part, bound));
  const inner = new Set(bound);
  inner.delete(binding.name);
  return hangsOn(binding.outside, bound) || binding.inside.some((part) => hangsOn(part, inner));
}

function shortened(value: CelValue): JsonValue {
  const json = jsonOf(value);
  const text = JSON.stringify(json);
  return text.length > MAX_LENGTH ? cut(text) : json;
}

function cut(text: string): string {
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}
