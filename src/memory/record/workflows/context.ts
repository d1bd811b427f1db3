import { storable } from '../../../domain/policies/storable.js';
import {
  type CommitOutcome,
  type ContextRow,
  type ContextWrite,
  newestWrites,
} from '../../../ports/workflow-record.js';
import type { WorkflowRow } from './workflow-row.js';

/** The newest row of each path at a version, by path. */
export function contextAt({ context }: WorkflowRow, version: number | null): readonly ContextRow[] {
  const newest = new Map<string, ContextRow>();
  for (const row of context) if (version === null || row.version <= version) newest.set(row.path, row);
  return [...newest.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The first write, by path, whose value is not of the version that was expected; `null`: all are. */
export function mismatchIn(row: WorkflowRow, writes: readonly ContextWrite[]): CommitOutcome | null {
  const newest = new Map(contextAt(row, null).map((one) => [one.path, one]));
  for (const { path, expected } of newestWrites(writes).toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    if (expected === null) continue;
    const there = newest.get(path);
    const isGone = there === undefined || there.value === undefined;
    const found = isGone ? 0 : there.version;
    if (expected !== found && expected !== there?.version) return { kind: 'VERSION_MISMATCH', path, found };
  }
  return null;
}

/** Forgets values that show at no version from `oldest` on, and at none that items may be made from again. */
export function pruneContext(row: WorkflowRow, oldest: number, limit: number): number {
  const kept = begunWith(row);
  const next = new Map<string, number>();
  const outdated = new Set<ContextRow>();
  for (const value of row.context.toReversed()) {
    const until = next.get(value.path) ?? Infinity;
    const shows = until > oldest || kept.some((version) => version >= value.version && version < until);
    if (!shows) outdated.add(value);
    next.set(value.path, value.version);
  }
  const pruned = new Set([...outdated].slice(0, limit));
  row.context = row.context.filter((value) => !pruned.has(value));
  return pruned.size;
}

/** The versions that items of tasks which have not succeeded were made from. */
function begunWith({ events, nodes }: WorkflowRow): readonly number[] {
  return events.flatMap(({ type, node, detail }) => {
    const of = type === 'NODE_EXPANDED' && node !== null ? nodes[node] : undefined;
    const counts = of !== undefined && of.run === detail.run && of.state !== 'SUCCEEDED';
    return counts ? [Number(detail.context_version)] : [];
  });
}

export function writeContext(row: WorkflowRow, writes: readonly ContextWrite[], version: number): void {
  for (const { path, value } of newestWrites(writes)) {
    row.context.push({ path, version, value: value === undefined ? undefined : storable(value) });
  }
}
