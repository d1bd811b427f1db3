import { isTerminal, type TaskState } from '../../domain/tasks/task-state.js';
import type { NewTask } from '../../ports/task-record.js';
import { settledBy } from './edges.js';
import type { EdgeRow } from './rows.js';
import { findTask, keyOf, type Tables } from './tables.js';

/** The edges of a task that is submitted, and what follows from them. */
export interface Linked {
  readonly edges: readonly EdgeRow[];
  readonly pending: number;
  /** `null`: it waits for nobody. */
  readonly state: Extract<TaskState, 'BLOCKED' | 'SKIPPED'> | null;
  /** The lowest id that the org does not have. */
  readonly unknownId: string | null;
}

const NO_LINKS: Linked = { edges: [], pending: 0, state: null, unknownId: null };

/** What was rejected waits for nobody any more. */
export function linksOf(tables: Tables, { org, taskId, spec, admission }: NewTask): Linked {
  if (admission?.kind === 'REJECTED') return NO_LINKS;
  const unknown = spec.dependencies.filter((to) => !findTask(tables, { org, taskId: to.taskId }));
  const edges = spec.dependencies.map(({ taskId: upstreamId, runAnyway }): EdgeRow => {
    const upstream = findTask(tables, { org, taskId: upstreamId });
    const ended = upstream && isTerminal(upstream.state) ? upstream : null;
    return { org, taskId, upstreamId, runAnyway, state: ended ? settledBy(ended, runAnyway) : 'open' };
  });
  const pending = edges.filter(({ state }) => state === 'open').length;
  const broken = edges.some(({ state }) => state === 'broken');
  return {
    edges,
    pending,
    state: broken ? 'SKIPPED' : pending > 0 ? 'BLOCKED' : null,
    unknownId: unknown.map((to) => to.taskId).sort()[0] ?? null,
  };
}

export function link(tables: Tables, edges: readonly EdgeRow[]): void {
  for (const edge of edges) {
    const { org, taskId, upstreamId } = edge;
    tables.edges.set(keyOf(org, taskId), edges);
    const key = keyOf(org, upstreamId);
    tables.edgesTo.set(key, [...(tables.edgesTo.get(key) ?? []), edge]);
  }
}
