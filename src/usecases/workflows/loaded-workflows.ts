import { assemble } from '../../domain/workflows/context.js';
import type { Plan } from '../../domain/workflows/plan.js';
import { type Scope, scopeIn } from '../../domain/workflows/scope.js';
import type { WorkflowSpec } from '../../domain/workflows/spec.js';
import type { ContextRow, ContextWrite, WorkflowKey } from '../../ports/workflow-record.js';
import { KeptContexts } from './kept-contexts.js';
import { planOf } from './plan-of.js';
import type { WorkflowPorts } from './workflow-ports.js';

/** Workflows whose plans are kept in mind. */
const MAX_WORKFLOWS = 512;

/** What a workflow goes by; it never changes. */
export interface LoadedWorkflow {
  readonly spec: WorkflowSpec;
  readonly plan: Plan;
}

/** Keeps in mind what was read of workflows: those that were used the longest ago are forgotten. */
export class LoadedWorkflows {
  readonly #ports: Pick<WorkflowPorts, 'workflows'>;
  readonly #loaded = new Map<string, LoadedWorkflow>();
  readonly #contexts = new KeptContexts();

  constructor(ports: Pick<WorkflowPorts, 'workflows'>) {
    this.#ports = ports;
  }

  /** @throws Error where there is none, or it cannot be resolved any more */
  async load(key: WorkflowKey): Promise<LoadedWorkflow> {
    const known = this.#loaded.get(nameOf(key));
    if (known) return keepNewest(this.#loaded, nameOf(key), known, MAX_WORKFLOWS);
    const spec = await this.#ports.workflows.getSpec(key);
    if (!spec) throw new Error(`workflow ${key.workflowId} has no spec`);
    const { plan, problems } = planOf(spec);
    if (!plan) throw new Error(`workflow ${key.workflowId}: ${problems[0]?.description ?? 'no plan'}`);
    return keepNewest(this.#loaded, nameOf(key), { spec, plan }, MAX_WORKFLOWS);
  }

  /** The context's rows at a version, which is the newest one. */
  async rows(key: WorkflowKey, version: number): Promise<readonly ContextRow[]> {
    if (version === 0) return [];
    const known = this.#contexts.get(nameOf(key), version);
    if (known) return known;
    const rows = await this.#ports.workflows.readContext(key, version);
    this.#contexts.keep(nameOf(key), version, rows);
    return rows;
  }

  /** After a commit: what was there before it, at `from`, is with `writes` what is there at `to`. */
  written(key: WorkflowKey, from: number, to: number, writes: readonly ContextWrite[]): void {
    this.#contexts.written(nameOf(key), from, to, writes);
  }

  forget(key: WorkflowKey): void {
    this.#loaded.delete(nameOf(key));
    this.#contexts.forget(nameOf(key));
  }
}

function nameOf({ org, workflowId }: WorkflowKey): string {
  return `${org}\0${workflowId}`;
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
