import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Client, type WorkflowDocument, type WorkflowInfo, workflow } from '@reeve/sdk';
import { vi } from 'vitest';
import { check } from './checker.js';
import type { RecordSnapshot } from './checker-record.js';
import { openHistory, readHistory } from './history.js';
import { insist } from './history-client.js';
import { temporaryFolder } from './temporary-folder.js';
import { WORKFLOW_TASK_ATTEMPTS } from './workflow-jobs.js';

const PROGRAM = fileURLToPath(new URL('../../test/support/big-workflow-agent.mjs', import.meta.url));
/** With the first and the last: 1,000 tasks. */
const ITEMS = 998;
/** Of a machine that is busy, and for each item. */
const PATIENCE_MS = 120_000;
const PATIENCE_EACH_MS = 30;

/** A list is made, each of it is squared in a task of its own, the squares are merged, and summed. */
const bigOf = (items: number): WorkflowDocument => ({
  ...workflow('big')
    .group('begin', (group) => group.task('list', { kind: 'big.list', input: { count: items } }))
    .group('many', { dependsOn: 'begin' }, (group) =>
      group.task('each', {
        kind: 'big.each',
        expand: { array: { n: 'results.begin.list.ns' }, outputFormat: 'merge', mergeStrategy: 'concat' },
      }),
    )
    .group('end', { dependsOn: 'many' }, (group) =>
      group.task('sum', {
        kind: 'big.sum',
        input: { squares: '{{ results.many.each.result.map(one, one.square) }}' },
      }),
    )
    .document(),
  retry: { maxAttempts: WORKFLOW_TASK_ATTEMPTS, initialBackoff: '50ms', maxBackoff: '100ms' },
});

/** A workflow of many tasks, and the agents of it, which can all be killed at once. */
export interface BigWorkflow {
  /** Starts an agent process at each address. */
  startAgents(addresses: readonly string[]): void;
  /** SIGKILL; resolves when they have ended. */
  killAgents(): Promise<void>;
  start(client: Client): Promise<string>;
  /** Resolves once so many of its tasks have succeeded; rejects if it has ended by then. */
  reaches(client: Client, workflowId: string, succeeded: number): Promise<void>;
  ended(client: Client, workflowId: string): Promise<WorkflowInfo>;
  /** What is wrong by the record and by what the agents have written down; empty is good. */
  verdict(record: RecordSnapshot): readonly string[];
}

/** @param items with the first and the last task two more */
export function createBigWorkflow(items = ITEMS): BigWorkflow {
  const folder = temporaryFolder('history');
  const ran = path.join(temporaryFolder('ran'), 'ran');
  const history = openHistory(folder, 'client');
  let agents: ChildProcess[] = [];
  let count = 0;
  const killAll = () => {
    for (const child of agents) child.kill('SIGKILL');
  };
  process.once('exit', killAll);
  const patienceMs = PATIENCE_MS + items * PATIENCE_EACH_MS;
  const signal = () => AbortSignal.timeout(patienceMs);
  return {
    startAgents(addresses) {
      for (const address of addresses) {
        count += 1;
        const args = [PROGRAM, address, `big-${count}`, ran];
        agents.push(spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] }));
      }
    },
    async killAgents() {
      killAll();
      await Promise.all(agents.map((child) => child.signalCode ?? once(child, 'exit')));
      agents = [];
    },
    async start(client) {
      const deed = history.invoke('start-workflow', { requestId: 'big' });
      const { workflowId } = await client.workflows.start(bigOf(items), { requestId: 'big' });
      deed.ok({ workflowId });
      return workflowId;
    },
    async reaches(client, workflowId, succeeded) {
      const hasCome = async () => {
        const { progress, state } = await client.workflows.get(workflowId);
        if (progress.succeededCount > items) throw new Error(`it is past the middle: ${state}`);
        return progress.succeededCount >= succeeded;
      };
      await vi.waitUntil(() => hasCome(), { timeout: patienceMs, interval: 20 });
    },
    ended: (client, workflowId) =>
      insist(signal(), () => client.workflows.wait(workflowId, { timeoutMs: patienceMs })),
    verdict(record) {
      const found = check(readHistory(folder), record).map(({ taskId, message }) => `${taskId}: ${message}`);
      const epochs = new Map(record.tasks.map(({ taskId, epoch }) => [taskId, epoch]));
      const begun = new Map<string, number[]>();
      for (const line of readFileSync(ran, 'utf8').split('\n').slice(0, -1)) {
        const { taskId, epoch } = JSON.parse(line) as { taskId: string; epoch: number };
        begun.set(taskId, [...(begun.get(taskId) ?? []), epoch]);
      }
      for (const [taskId, list] of begun) {
        const accepted = epochs.get(taskId) ?? 0;
        const after = list.filter((epoch) => epoch > accepted);
        if (after.length > 0) found.push(`${taskId} ran again after its result was accepted: ${after}`);
        if (new Set(list).size !== list.length) found.push(`${taskId} ran twice in one epoch: ${list}`);
        if (!list.includes(accepted))
          found.push(`${taskId} has a result of epoch ${accepted}, which nobody ran`);
      }
      if (begun.size !== items + 2) found.push(`${begun.size} tasks ran`);
      if (record.tasks.length !== items + 2) found.push(`${record.tasks.length} tasks are in the record`);
      return found;
    },
  };
}

/** What is in its context in the end: each item once, and their sum. */
export async function resultsOf(client: Client, workflowId: string) {
  const merged = await client.workflows.context<{ result: { n: number; square: number }[] }>(
    workflowId,
    'outputs.many.each',
  );
  return { merged: merged?.result, sum: await client.workflows.context(workflowId, 'outputs.end.sum') };
}

export function expectedOf(items = ITEMS) {
  const merged = Array.from({ length: items }, (_, n) => ({ n, square: n * n }));
  return { merged, sum: merged.reduce((sum, { square }) => sum + square, 0) };
}
