import type { ASTNode } from '@marcbachmann/cel-js';
import type { ExpressionUse, PolicyProblem } from '../../ports/policy-engine.js';
import { boundSizes, bytesIn } from './bounds.js';
import { TASK_FIELDS } from './cel-types.js';
import { environmentOf, variablesOf } from './environment.js';
import { type Names, namesIn } from './names.js';
import { type Misplaced, noSuchField, problemAt, problemOf } from './problems.js';
import { wrongResultsIn } from './result-type.js';
import { pathOf, walk } from './syntax-tree.js';
import type { CelValue } from './values.js';

/** Variables as the library has them. */
export type CelInput = Record<string, CelValue>;

/** An expression that can be evaluated. */
export interface Program {
  readonly use: ExpressionUse;
  readonly expression: string;
  readonly tree: ASTNode;
  readonly names: Names;
  /** @throws what the library throws */
  run(input: CelInput): CelValue;
}

/** What came of compiling: a program, or what is wrong. */
export type Compiled = { readonly program: Program } | { readonly problems: readonly PolicyProblem[] };

/** Parses, type-checks and bounds an expression. */
export function compile(use: ExpressionUse, expression: string): Compiled {
  try {
    const parsed = environmentOf(use).parse(expression);
    const checked = parsed.check();
    if (!checked.valid) return { problems: [problemOf(variablesOf(use), expression, checked.error)] };
    const tree = parsed.ast;
    const misplaced = [bytesIn(tree) ?? [], unknownInHas(tree), wrongResultsIn(use, tree)].flat();
    if (misplaced.length > 0) return { problems: misplaced.map((each) => problemAt(expression, each)) };
    boundSizes(tree);
    return {
      program: { use, expression, tree, names: namesIn(tree), run: (input) => parsed(input) },
    };
  } catch (error) {
    return { problems: [problemOf(variablesOf(use), expression, error)] };
  }
}

/**
 * A part of a program, as an expression of its own.
 *
 * @throws what the library throws
 */
export function compilePart(use: ExpressionUse, expression: string): (input: CelInput) => CelValue {
  const parsed = environmentOf(use).parse(expression);
  const { valid, error } = parsed.check();
  if (!valid) throw error;
  boundSizes(parsed.ast);
  return (input) => parsed(input);
}

/** The library does not check what `has` is asked about. */
function unknownInHas(tree: ASTNode): readonly Misplaced[] {
  const found: Misplaced[] = [];
  walk(tree, (node, bound) => {
    if (node.op !== 'call' || node.args[0] !== 'has') return 'descend';
    const [asked] = node.args[1];
    const path = asked && pathOf(asked);
    const [field] = path?.keys ?? [];
    if (asked && path?.root === 'task' && !bound.has('task') && field && !Object.hasOwn(TASK_FIELDS, field)) {
      found.push({ position: asked.start, message: noSuchField(field) });
    }
    return 'leave';
  });
  return found;
}
