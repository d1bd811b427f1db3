import { MOST_PREEMPTIONS } from '../../domain/order/preemption.js';
import { statesThatAllow } from '../../domain/tasks/task-state.js';
import type { PreemptOutcome, PreemptRequest } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import type { BatchRow } from './rows.js';
import { runBatch } from './run-batch.js';

const PREEMPT_TASKS = loadStatement('./preempt-tasks.sql', import.meta.url);

interface Row extends BatchRow {
  readonly kind: 'OK' | 'TOO_OFTEN';
  readonly seq: number;
  readonly agent_id: string;
  readonly changed: boolean;
}

export function preemptTasks(
  db: Database,
  requests: readonly PreemptRequest[],
): Promise<(PreemptOutcome | undefined)[]> {
  const values = [
    requests.map((r) => r.org),
    requests.map((r) => r.taskId),
    requests.map((r) => r.epoch),
    requests.map((r) => r.graceMs),
    requests.map((r) => r.forTaskId),
    statesThatAllow('PREEMPTION_BEGUN'),
    MOST_PREEMPTIONS,
  ];
  return runBatch(db, PREEMPT_TASKS, values, requests, (row: Row, { org, taskId }): PreemptOutcome => {
    if (row.kind === 'TOO_OFTEN') return { kind: 'TOO_OFTEN' };
    const { seq, state, agent_id: agentId, changed } = row;
    return { kind: 'OK', change: { org, taskId, seq, state }, agentId, changed };
  });
}
