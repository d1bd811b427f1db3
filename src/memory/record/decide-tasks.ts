import { statesThatAllow } from '../../domain/tasks/task-state.js';
import type { DecideRequest, ExpireOutcome } from '../../ports/task-record.js';
import { findApproval } from './approvals.js';
import { batchesOf } from './batches.js';
import { unsatisfiedEdges } from './edges.js';
import type { ApprovalRow, TaskRow } from './rows.js';
import { unstorable } from './storable.js';
import { findTask, type Tables } from './tables.js';
import { changedOf, textOf, transition } from './transition.js';
import { refused, remaining } from './verb.js';

/** Throws if one of the requests cannot be stored, after the others have been. */
export function decideTasks(
  tables: Tables,
  requests: readonly DecideRequest[],
  now: number,
): ExpireOutcome[] {
  const outcomes = new Array<ExpireOutcome>(requests.length).fill({ kind: 'NOT_FOUND' });
  const why = requests.map((request) => unstorable(request));
  for (const batch of batchesOf(requests)) {
    for (const { item, at } of batch) {
      const row = why[at] === null ? findTask(tables, item) : undefined;
      if (row) outcomes[at] = decide(tables, row, item, now);
    }
  }
  const reason = why.find((one) => one !== null);
  if (reason) throw new Error(reason);
  return outcomes;
}

function decide(tables: Tables, row: TaskRow, request: DecideRequest, now: number): ExpireOutcome {
  if (!statesThatAllow('APPROVED').includes(row.state)) return refused(row);
  const asked = findApproval(tables, row);
  const { approver } = request;
  if (approver === null && asked && asked.dueTime > now) {
    return { kind: 'NOT_DUE', remainingMs: remaining(asked.dueTime, now, 1) };
  }
  const verdict = approver === null ? (asked?.defaultVerdict ?? 'REJECT') : request.verdict;
  const said = { actor: approver ?? '', reason: request.reason };
  const byDefault = approver === null ? { by_default: true } : {};
  if (verdict === 'REJECT') {
    const patch = { state: 'REJECTED', finishTime: now, reason: request.reason } as const;
    transition(row, now, 'REJECTED', patch, { ...said, detail: byDefault });
  } else approve(tables, row, now, said, byDefault);
  if (asked) close(asked, verdict, request, now);
  return changedOf(row, []);
}

/** What it waits for besides, it waits for as things are now. */
function approve(
  tables: Tables,
  row: TaskRow,
  now: number,
  said: { readonly actor: string; readonly reason: string },
  byDefault: Readonly<Record<string, unknown>>,
): void {
  const edges = unsatisfiedEdges(tables, row);
  for (const edge of edges) edge.state = 'open';
  const pending = edges.length;
  const { runAt } = row.spec;
  const runTime = pending === 0 && runAt !== null && runAt > now ? runAt : null;
  const state = pending > 0 ? 'BLOCKED' : runTime === null ? 'QUEUED' : 'SCHEDULED';
  const ages = state !== 'BLOCKED' && row.runnableTime === null;
  const own = (runTime ?? now) - row.headStartMs;
  const score = ages ? Math.min(own, row.inheritedScore ?? Infinity) : row.score;
  const runnableTime = state === 'QUEUED' ? (row.runnableTime ?? now) : row.runnableTime;
  const detail = {
    ...byDefault,
    ...(state !== 'BLOCKED' && { score }),
    ...(runTime !== null && { run_time: textOf(runTime) }),
  };
  const patch = { state, pending, runTime, runnableTime, score, reason: '' } as const;
  transition(row, now, 'APPROVED', patch, { ...said, detail });
}

function close(
  asked: ApprovalRow,
  verdict: 'APPROVE' | 'REJECT',
  { approver, reason }: DecideRequest,
  now: number,
): void {
  Object.assign(asked, {
    open: false,
    verdict,
    approver: approver ?? '',
    verdictReason: reason,
    verdictTime: now,
  } satisfies Partial<ApprovalRow>);
}
