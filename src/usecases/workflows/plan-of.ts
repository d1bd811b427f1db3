import { withArrayDependencies } from '../../domain/workflows/array-dependencies.js';
import { type Resolved, resolve } from '../../domain/workflows/resolve.js';
import type { WorkflowSpec } from '../../domain/workflows/spec.js';

/** What a spec comes to, with what its templates wait for; or what is wrong with it. The same whenever it is asked. */
export function planOf(spec: WorkflowSpec): Resolved {
  const resolved = resolve(spec);
  return resolved.plan ? withArrayDependencies(resolved.plan, spec) : resolved;
}
