import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Client } from '@reeve/sdk';
import type { RecordedEvent, RecordedTask, RecordSnapshot } from './checker-record.js';

const READER = fileURLToPath(new URL('../../test/support/checker-read-sql.mjs', import.meta.url));

/** The record as a client sees it: every task of the org with its trail. */
export async function readThroughApi(client: Client): Promise<RecordSnapshot> {
  const tasks: RecordedTask[] = [];
  const events: RecordedEvent[] = [];
  for await (const task of client.list({ full: true })) {
    tasks.push({
      taskId: task.taskId,
      state: task.state,
      epoch: task.epoch,
      attempt: task.attempt,
      series: task.series,
      agentId: task.agentId || null,
      requestId: task.labels.request ?? null,
      body: JSON.stringify(task.input),
      output: task.state === 'SUCCEEDED' ? task.output : undefined,
      ...(task.workflow && { workflowId: task.workflow.workflowId }),
    });
    for await (const event of client.events(task.taskId)) {
      const { taskId, seq, type, state, epoch, attempt, series, agentId } = event;
      events.push({ taskId, seq, type, state, epoch, attempt, series, agentId: agentId || null });
    }
  }
  return { tasks, events };
}

/**
 * The record, read with SQL by a process of its own.
 *
 * @param where the data folder of a stopped coordinator, or the URL of a Postgres server
 */
export async function readThroughSql(where: string): Promise<RecordSnapshot> {
  const { stdout } = await promisify(execFile)(process.execPath, [READER, where], {
    maxBuffer: 1024 * 1024 * 1024,
  });
  return JSON.parse(stdout) as RecordSnapshot;
}
