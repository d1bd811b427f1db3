import { isTerminal } from '../../domain/tasks/task-state.js';
import type { TaskKey } from '../../ports/ready-index.js';
import type { Moved } from '../../ports/task-record.js';
import { batchesOf } from './batches.js';
import { edgesTo, openEdges, reopenDependents, settleDependents, type Upstream } from './edges.js';
import { findTask, keyOf, type Tables } from './tables.js';

export function settleEdges(tables: Tables, upstreams: readonly TaskKey[], now: number): Moved[][] {
  const moved = upstreams.map((): Moved[] => []);
  for (const batch of batchesOf(upstreams)) {
    let left = batch.flatMap(({ item, at }): Upstream[] => {
      const row = findTask(tables, item);
      return row ? [{ row, dependents: moved[at] ?? [] }] : [];
    });
    while (left.length > 0) {
      const ended = left.filter(({ row }) => isTerminal(row.state));
      // One that has succeeded meanwhile was open again too, whoever was skipped because of it.
      const open = left.filter(({ row }) => !isTerminal(row.state) || row.state === 'SUCCEEDED');
      const later = open.filter((upstream) => shares(tables, upstream, ended));
      settleDependents(tables, ended, now);
      const revived = open.filter((upstream) => !later.includes(upstream));
      reopenDependents(tables, revived, now);
      left = later;
    }
  }
  return moved;
}

/** Whether who was skipped because of a task waits for one of the others too; one step moves it once. */
function shares(tables: Tables, { row }: Upstream, others: readonly Upstream[]): boolean {
  const ids = new Set(others.map((other) => other.row.taskId));
  const skipped = edgesTo(tables, row).filter(({ state }) => state === 'broken');
  return skipped.some((edge) => openEdges(tables, edge).some(({ upstreamId }) => ids.has(upstreamId)));
}

export function listOpenUpstreams(tables: Tables, blocked: readonly TaskKey[]): TaskKey[] {
  const found = blocked.flatMap((key) => openEdges(tables, key));
  const keys = found.map(({ org, upstreamId: taskId }) => ({ org, taskId }));
  return [...new Map(keys.map((key) => [keyOf(key.org, key.taskId), key])).values()];
}
