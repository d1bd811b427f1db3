import { assemble } from '../../domain/workflows/context.js';
import type { Plan } from '../../domain/workflows/plan.js';
import { type Scope, scopeIn } from '../../domain/workflows/scope.js';
import type { WorkflowSpec } from '../../domain/workflows/spec.js';
import type { ContextRow, ContextWrite, WorkflowKey } from '../../ports/workflow-record.js';
import { planOf } from './plan-of.js';
import type { WorkflowPorts } from './workflow-ports.js';

/** Workflows whose plans are kept in mind. */
const MAX_WORKFLOWS = 512;
/** Of these, those whose contexts are: they may be large. */
const MAX_CONTEXTS = 64;

/** What a workflow goes by; it never changes. */
export interface LoadedWorkflow {
  readonly spec: WorkflowSpec;
  readonly plan: Plan;
}

/** A context as it was at a version. */
interface ContextAt {
  readonly version: number;
  readonly rows: readonly ContextRow[];
}

/** Keeps in mind what was read of workflows: those that were used the longest ago are forgotten. */
export class LoadedWorkflows {
  readonly #ports: WorkflowPorts;
  readonly #loaded = new Map<string, LoadedWorkflow>();
  readonly #contexts = new Map<string, ContextAt>();

  constructor(ports: WorkflowPorts) {
    this.#ports = ports;
  }

  /** @throws Error where there is none, or it cannot be resolved any more */
  async load(key: WorkflowKey): Promise<LoadedWorkflow> {
    const known = this.#loaded.get(key.workflowId);
    if (known) return keepNewest(this.#loaded, key.workflowId, known, MAX_WORKFLOWS);
    const spec = await this.#ports.workflows.getSpec(key);
    if (!spec) throw new Error(`workflow ${key.workflowId} has no spec`);
    const { plan, problems } = planOf(spec);
    if (!plan) throw new Error(`workflow ${key.workflowId}: ${problems[0]?.description ?? 'no plan'}`);
    return keepNewest(this.#loaded, key.workflowId, { spec, plan }, MAX_WORKFLOWS);
  }

  /** The context's rows at a version, which is the newest one. */
  async rows(key: WorkflowKey, version: number): Promise<readonly ContextRow[]> {
    const known = this.#contexts.get(key.workflowId);
    if (known?.version === version) return known.rows;
    if (version === 0) return [];
    const rows = await this.#ports.workflows.readContext(key, version);
    keepNewest(this.#contexts, key.workflowId, { version, rows }, MAX_CONTEXTS);
    return rows;
  }

  /** After a commit: what was there before it, at `from`, is with `writes` what is there at `to`. */
  written(key: WorkflowKey, from: number, to: number, writes: readonly ContextWrite[]): void {
    const known = this.#contexts.get(key.workflowId);
    if (from === to || (known === undefined && from !== 0)) return;
    if (known !== undefined && known.version !== from) {
      this.#contexts.delete(key.workflowId);
      return;
    }
    const rows = rowsWith(known?.rows ?? [], writes, to);
    keepNewest(this.#contexts, key.workflowId, { version: to, rows }, MAX_CONTEXTS);
  }

  forget({ workflowId }: WorkflowKey): void {
    this.#loaded.delete(workflowId);
    this.#contexts.delete(workflowId);
  }
}

/** Rows of a context, and what is to be written over them. */
export function rowsWith(
  rows: readonly ContextRow[],
  writes: readonly ContextWrite[],
  version: number,
): readonly ContextRow[] {
  if (writes.length === 0) return rows;
  const written = new Set(writes.map(({ path }) => path));
  const kept = rows.filter(({ path }) => !written.has(path));
  return [...kept, ...writes.map(({ path, value }) => ({ path, version, value }))];
}

export function scopeAt({ plan, spec }: LoadedWorkflow, rows: readonly ContextRow[], now: number): Scope {
  return scopeIn(plan, spec.params, assemble(rows), now);
}

/** Keeps it as the one that was used last; the one that was used the longest ago makes room. */
export function keepNewest<T>(known: Map<string, T>, id: string, value: T, max: number): T {
  known.delete(id);
  known.set(id, value);
  if (known.size > max) forgetOldest(known);
  return value;
}

function forgetOldest<T>(known: Map<string, T>): void {
  for (const oldest of known.keys()) {
    known.delete(oldest);
    return;
  }
}
