import { type TaskState, WAITING_STATES } from '../../domain/tasks/task-state.js';
import type { TaskKey } from '../../ports/ready-index.js';
import type { Moved } from '../../ports/task-record.js';
import { batchesOf } from './batches.js';
import { openEdges } from './edges.js';
import type { EdgeRow, TaskRow } from './rows.js';
import { findTask, type Tables } from './tables.js';
import { movedOf, transition } from './transition.js';

export function urgeUpstreams(tables: Tables, blocked: readonly TaskKey[], now: number): Moved[][] {
  const urged = blocked.map((): Moved[] => []);
  for (const batch of batchesOf(blocked)) {
    const urging = batch.flatMap(({ item, at }): Urging[] => {
      const row = findTask(tables, item);
      if (row?.state !== 'BLOCKED') return [];
      return [{ row, edges: openEdges(tables, row), urged: urged[at] ?? [] }];
    });
    urge(tables, urging, now);
  }
  return urged;
}

/** A BLOCKED task, and the edges by which it urges. */
export interface Urging {
  readonly row: TaskRow;
  readonly edges: readonly EdgeRow[];
  readonly urged: Moved[];
}

/** What somebody asks of a task that it waits for, itself or over others. */
interface Urgency {
  readonly row: TaskRow;
  score: number;
  human: boolean;
  from: TaskRow;
  urged: Moved[];
}

/**
 * What BLOCKED tasks wait for becomes at least as urgent as they are.
 *
 * @param blocked in the order of the record's key; `urged` is filled
 */
export function urge(tables: Tables, blocked: readonly Urging[], now: number): void {
  const asked = new Map<TaskRow, Urgency>();
  for (const { row: from, edges, urged } of blocked) {
    for (const row of ancestorsOf(tables, edges)) {
      const before = asked.get(row);
      const score = Math.min(from.score, from.inheritedScore ?? Infinity, before?.score ?? Infinity);
      const human = from.band === 'HUMAN' || before?.human === true;
      asked.set(row, { row, score, human, from, urged });
    }
  }
  for (const urgency of asked.values()) inherit(urgency, now);
}

/** Everything that a task with these edges waits for, over other tasks too. */
function ancestorsOf(tables: Tables, edges: readonly EdgeRow[]): ReadonlySet<TaskRow> {
  const found = new Set<TaskRow>();
  const waiting = [...edges];
  for (let edge = waiting.pop(); edge; edge = waiting.pop()) {
    const upstream = findTask(tables, { org: edge.org, taskId: edge.upstreamId });
    if (!upstream || found.has(upstream)) continue;
    found.add(upstream);
    waiting.push(...openEdges(tables, upstream));
  }
  return found;
}

function inherit({ row, score, human, from, urged }: Urgency, now: number): void {
  if (!(WAITING_STATES as readonly TaskState[]).includes(row.state)) return;
  const inherited = Math.min(score, row.inheritedScore ?? Infinity);
  const lower = score < Math.min(row.score, row.inheritedScore ?? Infinity);
  if (!lower && !(human && row.band !== 'HUMAN')) return;
  const patch = {
    inheritedScore: inherited,
    score: row.state === 'BLOCKED' ? row.score : Math.min(row.score, score),
    band: human ? 'HUMAN' : row.band,
  } as const;
  const detail = { score: patch.score, band: patch.band, from: from.taskId };
  transition(row, now, 'URGENCY_INHERITED', patch, { detail });
  // What is SCHEDULED keeps its time.
  urged.push({ ...movedOf(row), runTime: null });
}
