import type { ASTNode } from '@marcbachmann/cel-js';

/**
 * What is used of the CEL library beyond its documentation, which is why its version is fixed: the type that
 * the checker leaves on a node, and the function by which a checked node is evaluated.
 * `test/policies/cel-conformance.test.ts` fails if a version has them otherwise.
 */
type Checked = ASTNode & {
  readonly checkedType?: { readonly name: string };
  handle?: (...args: readonly unknown[]) => unknown;
};

/** The type of a part of a checked expression, such as `int`; `dyn` if it is known only when it runs. */
export function typeOf(node: ASTNode): string {
  return (node as Checked).checkedType?.name ?? 'dyn';
}

/** Has `before` look at what a checked operator or method is given each time that it is evaluated. */
export function guard(node: ASTNode, before: (args: readonly unknown[]) => void): void {
  const checked = node as Checked;
  const { handle } = checked;
  // What was never checked is never evaluated.
  if (!handle) return;
  checked.handle = (...args) => {
    before(args);
    return handle(...args);
  };
}
