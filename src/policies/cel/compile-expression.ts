import type { ASTNode } from '@marcbachmann/cel-js';
import type { NamedPath } from '../../ports/expression-engine.js';
import type { PolicyProblem } from '../../ports/policy-engine.js';
import { boundSizes, bytesIn } from './bounds.js';
import type { CelInput } from './compile.js';
import { dynamicEnvironmentOf } from './environment.js';
import { pathsIn } from './named-paths.js';
import { type Misplaced, problemAt, problemOf, unknownVariable } from './problems.js';
import { pathOf, walk } from './syntax-tree.js';
import type { CelValue } from './values.js';

/** An expression of a workflow that can be evaluated. */
export interface ExpressionProgram {
  readonly expression: string;
  readonly names: readonly NamedPath[];
  /** @throws what the library throws */
  run(input: CelInput): CelValue;
}

export type CompiledExpression =
  | { readonly program: ExpressionProgram }
  | { readonly problems: readonly PolicyProblem[] };

/** Parses, checks and bounds an expression over variables of any type. */
export function compileExpression(variables: readonly string[], expression: string): CompiledExpression {
  try {
    const parsed = dynamicEnvironmentOf(variables).parse(expression);
    const checked = parsed.check();
    if (!checked.valid) return { problems: [problemOf(variables, expression, checked.error)] };
    const tree = parsed.ast;
    const misplaced = [bytesIn(tree) ?? [], unknownInHas(tree, variables)].flat();
    if (misplaced.length > 0) return { problems: misplaced.map((each) => problemAt(expression, each)) };
    boundSizes(tree);
    return { program: { expression, names: pathsIn(tree, variables), run: (input) => parsed(input) } };
  } catch (error) {
    return { problems: [problemOf(variables, expression, error)] };
  }
}

/** The library does not check what `has` is asked about. */
function unknownInHas(tree: ASTNode, variables: readonly string[]): readonly Misplaced[] {
  const found: Misplaced[] = [];
  walk(tree, (node, bound) => {
    if (node.op !== 'call' || node.args[0] !== 'has') return 'descend';
    const [asked] = node.args[1];
    const root = asked && pathOf(asked)?.root;
    if (asked && root !== undefined && !bound.has(root) && !variables.includes(root)) {
      found.push({ position: asked.start, message: unknownVariable(root, variables) });
    }
    return 'descend';
  });
  return found;
}
