import type { Admission } from '../../domain/tasks/admission.js';
import type { NewTask, SubmitOutcome } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { edgeValues } from './submit-dependent-tasks.js';
import { decodeSubmitted, type SubmitRow, submitValues } from './submit-tasks.js';

const SUBMIT_JUDGED_TASKS = loadStatement('./submit-judged-tasks.sql', import.meta.url);

/** Whether something else was decided of it than that it goes on. */
export function isJudged({ admission }: NewTask): boolean {
  return admission !== undefined && admission.kind !== 'ACCEPTED';
}

/** Submits tasks that were rejected, or that wait for a person's word; they are never born assigned. */
export async function submitJudgedTasks(db: Database, tasks: readonly NewTask[]): Promise<SubmitOutcome[]> {
  const values = [...submitValues(tasks), ...edgeValues(tasks, waits), ...judgementValues(tasks)];
  const rows = await db.write<SubmitRow>(SUBMIT_JUDGED_TASKS, values);
  const outcomes = new Array<SubmitOutcome>(tasks.length);
  for (const row of rows) outcomes[row.n - 1] = decodeSubmitted(row, tasks[row.n - 1] as NewTask, []);
  return outcomes;
}

/** What is rejected waits for nobody any more. */
function waits({ admission }: NewTask): boolean {
  return admission?.kind === 'AWAITING_APPROVAL';
}

function judgementValues(tasks: readonly NewTask[]): readonly unknown[] {
  const judged = tasks.map(({ admission }): Admission => admission ?? { kind: 'ACCEPTED' });
  const asked = judged.map((one) => (one.kind === 'AWAITING_APPROVAL' ? one : null));
  return [
    judged.map(({ kind }) => kind),
    judged.map((one) => (one.kind === 'ACCEPTED' ? '' : one.reason)),
    asked.map((one) => one?.policyId ?? null),
    asked.map((one) => one?.policyVersion ?? null),
    asked.map((one) => one?.dueTime ?? null),
    asked.map((one) => one?.defaultVerdict ?? null),
  ];
}
