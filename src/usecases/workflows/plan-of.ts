import { resolve, type Resolved } from '../../domain/workflows/resolve.js';
import type { WorkflowSpec } from '../../domain/workflows/spec.js';
import type { ExpressionEngine } from '../../ports/expression-engine.js';

/** What a spec comes to, or what is wrong with it; the same whenever it is asked. */
export async function planOf(_engine: ExpressionEngine, spec: WorkflowSpec): Promise<Resolved> {
  return resolve(spec);
}
