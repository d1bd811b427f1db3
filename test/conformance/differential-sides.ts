import { isTerminal } from '../../src/domain/tasks/task-state.js';
import { createTables } from '../../src/memory/record/tables.js';
import { createMemoryTaskRecord } from '../../src/memory/record/task-record.js';
import { createMemoryWorkflowRecord } from '../../src/memory/record/workflows/workflow-record.js';
import type { Moved, TaskRecord } from '../../src/ports/task-record.js';
import type { WorkflowRecord } from '../../src/ports/workflow-record.js';
import type { PgliteRecord } from '../support/pglite-record.js';
import { HOUR_MS } from './differential-known.js';

/** The two records, as they answer and what they hold, must not be told apart. */
export interface Side {
  readonly record: TaskRecord;
  readonly workflows: WorkflowRecord;
  now(): number;
  /** Makes everything that has a time hours older. */
  elapse(ms: number): Promise<void>;
  /** A little time goes by. */
  tick?(): void;
}

/** Postgres has a clock of its own; so instead of it going on, its times go back. */
const SHIFT_TASKS = {
  name: 'shift-tasks',
  text: `UPDATE task SET lease_expires_at = lease_expires_at - $2::bigint * interval '1 ms',
    attempt_deadline = attempt_deadline - $2::bigint * interval '1 ms',
    run_time = run_time - $2::bigint * interval '1 ms',
    create_time = create_time - $2::bigint * interval '1 ms',
    runnable_time = runnable_time - $2::bigint * interval '1 ms',
    deadline = deadline - $2::bigint * interval '1 ms',
    score = score - $2::bigint, inherited_score = inherited_score - $2::bigint WHERE org = $1`,
};
const SHIFT_SPECS = {
  name: 'shift-specs',
  text: `UPDATE task_spec SET run_at = run_at - $2::bigint * interval '1 ms' WHERE org = $1`,
};
const SHIFT_APPROVALS = {
  name: 'shift-approvals',
  text: `UPDATE task_approval SET create_time = create_time - $2::bigint * interval '1 ms',
    due_time = due_time - $2::bigint * interval '1 ms' WHERE org = $1`,
};
const SHIFT_WORKFLOWS = {
  name: 'shift-workflows',
  text: `UPDATE workflow SET create_time = create_time - $2::bigint * interval '1 ms',
    finish_time = finish_time - $2::bigint * interval '1 ms',
    deadline = deadline - $2::bigint * interval '1 ms',
    wake_time = wake_time - $2::bigint * interval '1 ms' WHERE org = $1`,
};
const SHIFT_CALLS = {
  name: 'shift-calls',
  text: `UPDATE lease_request SET create_time = create_time - $2::bigint * interval '1 ms' WHERE org = $1`,
};

export function sides(opened: PgliteRecord, org: string): readonly [Side, Side] {
  const tables = createTables();
  let aheadMs = 0;
  // Steps of the one in memory may fall into one millisecond; those of Postgres cannot.
  const tick = () => {
    aheadMs += 1;
  };
  const ahead = () => Date.now() + aheadMs;
  return [
    {
      record: opened.record,
      workflows: opened.workflows,
      now: () => Date.now(),
      async elapse(ms) {
        await opened.db.write(SHIFT_TASKS, [org, ms]);
        await opened.db.write(SHIFT_SPECS, [org, ms]);
        await opened.db.write(SHIFT_APPROVALS, [org, ms]);
        await opened.db.write(SHIFT_WORKFLOWS, [org, ms]);
        await opened.db.write(SHIFT_CALLS, [org, ms]);
      },
    },
    {
      record: createMemoryTaskRecord({ now: ahead }, tables),
      workflows: createMemoryWorkflowRecord({ now: ahead }, tables),
      now: ahead,
      async elapse(ms) {
        aheadMs += ms;
      },
      tick,
    },
  ];
}

const TIMES: ReadonlySet<string> = new Set(['dropped_deadline', 'run_time', 'deadline', 'due_time']);
const AHEAD: ReadonlySet<string> = new Set(['runTime', 'runAt', 'deadline', 'score', 'dueTime']);

/** Times that are ahead in hours from now, times that are past as such, spans in hours. */
export function normalised(value: unknown, now: number, key = ''): unknown {
  if (typeof value === 'number') {
    if (key.endsWith('RemainingMs') || key === 'remainingMs') return Math.round(value / HOUR_MS);
    if (AHEAD.has(key)) return Math.round((value - now) / HOUR_MS) + 0;
    return key.endsWith('Time') ? 'a time' : value;
  }
  if (typeof value === 'string') return TIMES.has(key) ? 'a time' : value;
  if (value instanceof Error) return 'an error';
  if (Array.isArray(value)) return inOrder(value).map((one) => normalised(one, now));
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const message = 'kind' in value && value.kind === 'INVALID' ? { message: 'its own words' } : {};
  // That of an event stays as it was, whatever time goes by.
  const score = key === 'detail' && 'score' in value ? { score: 'a score' } : {};
  const workflow = wakesNobody(value) ? { workflowId: 'not told by all' } : {};
  const entries = Object.entries({ ...value, ...message, ...score, ...workflow });
  return Object.fromEntries(entries.map(([name, inner]) => [name, normalised(inner, now, name)]));
}

/** A task that did not end by what was done: its workflow need not be told, as nobody wakes it. */
function wakesNobody(value: object): boolean {
  if (!('change' in value)) return false;
  const { change, changed } = value as Moved & { readonly changed?: boolean };
  return changed === false || !isTerminal(change.state);
}

/** Tasks that were moved on are told in no order. */
function inOrder(list: readonly unknown[]): readonly unknown[] {
  const isMoved = (one: unknown): one is Moved =>
    typeof one === 'object' && one !== null && 'change' in one && 'ready' in one && !('kind' in one);
  return list.every(isMoved) ? list.toSorted((a, b) => (a.change.taskId < b.change.taskId ? -1 : 1)) : list;
}
