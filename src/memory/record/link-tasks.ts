import { isTerminal, type TaskState, WAITING_STATES } from '../../domain/tasks/task-state.js';
import type { Moved, NewTask } from '../../ports/task-record.js';
import { openEdges, settledBy } from './edges.js';
import type { EdgeRow, TaskRow } from './rows.js';
import { findTask, keyOf, type Tables } from './tables.js';
import { movedOf, transition } from './transition.js';

/** The edges of a task that is submitted, and what follows from them. */
export interface Linked {
  readonly edges: readonly EdgeRow[];
  readonly pending: number;
  /** `null`: it waits for nobody. */
  readonly state: Extract<TaskState, 'BLOCKED' | 'SKIPPED'> | null;
  /** The lowest id that the org does not have. */
  readonly unknownId: string | null;
}

export function linksOf(tables: Tables, { org, taskId, spec }: NewTask): Linked {
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
 * @param blocked just submitted, in the order of the record's key; `urged` is filled
 */
export function urge(
  tables: Tables,
  blocked: readonly { readonly row: TaskRow; readonly urged: Moved[] }[],
  now: number,
): void {
  const asked = new Map<TaskRow, Urgency>();
  for (const { row: from, urged } of blocked) {
    for (const row of ancestorsOf(tables, from)) {
      const before = asked.get(row);
      const score = Math.min(from.score, before?.score ?? Infinity);
      const human = from.band === 'HUMAN' || before?.human === true;
      asked.set(row, { row, score, human, from, urged });
    }
  }
  for (const urgency of asked.values()) inherit(urgency, now);
}

/** Everything that a task waits for, over other tasks too. */
function ancestorsOf(tables: Tables, from: TaskRow): ReadonlySet<TaskRow> {
  const found = new Set<TaskRow>();
  const waiting = [from];
  for (let row = waiting.pop(); row; row = waiting.pop()) {
    // What it named itself is followed even where it has ended: a cancelled task may have open edges.
    const all = tables.edges.get(keyOf(row.org, row.taskId)) ?? [];
    for (const { org, upstreamId } of row === from ? all : openEdges(tables, row)) {
      const upstream = findTask(tables, { org, taskId: upstreamId });
      if (!upstream || found.has(upstream)) continue;
      found.add(upstream);
      waiting.push(upstream);
    }
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
