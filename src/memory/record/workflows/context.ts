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

export function writeContext(row: WorkflowRow, writes: readonly ContextWrite[], version: number): void {
  for (const { path, value } of newestWrites(writes)) {
    row.context.push({ path, version, value: value === undefined ? undefined : storable(value) });
  }
}
