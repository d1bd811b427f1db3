import { setTimeout } from 'node:timers/promises';
import type { Client, WorkflowInfo } from '@reeve/sdk';
import type { History } from './history.js';
import { insist, isDefinite } from './history-client.js';
import type { WorkflowJob } from './workflow-jobs.js';

/** How often a workflow is looked at. */
const LOOK_MS = 200;
const ENDS = ['SUCCEEDED', 'PARTIAL', 'FAILED', 'CANCELLED'] as const;
const FAILED = ['FAILED', 'DEAD_LETTER', 'TIMED_OUT', 'CANCELLED'] as const;

interface Options {
  readonly concurrency: number;
  readonly signal: AbortSignal;
}

/**
 * Starts workflows, so many side by side, does with each what it says, and waits for its end. Tasks on which one is
 * ESCALATED are retried, as a person would. Repeats whatever stays without an answer until it has one.
 */
export async function runWorkflows(
  client: Client,
  history: History,
  jobs: Iterable<WorkflowJob> | AsyncIterable<WorkflowJob>,
  { concurrency, signal }: Options,
): Promise<void> {
  const queue = Symbol.asyncIterator in jobs ? jobs[Symbol.asyncIterator]() : jobs[Symbol.iterator]();
  const workers = Array.from({ length: concurrency }, async () => {
    for (let { value, done } = await queue.next(); !done; { value, done } = await queue.next()) {
      if (signal.aborted) return;
      await runOne({ client, history, signal }, value);
    }
  });
  await Promise.all(workers);
}

interface Scene {
  readonly client: Client;
  readonly history: History;
  readonly signal: AbortSignal;
}

async function runOne(scene: Scene, { requestId, document, next }: WorkflowJob): Promise<void> {
  const { client, history, signal } = scene;
  const workflowId = await insist(signal, async () => {
    const deed = history.invoke('start-workflow', { requestId });
    try {
      const { workflowId } = await client.workflows.start(document, { requestId });
      deed.ok({ workflowId });
      return workflowId;
    } catch (error) {
      // A workflow of these tests that is refused is a mistake of the test's, or of the product's.
      deed.unknown();
      throw error;
    }
  });
  let left = next;
  for (;;) {
    const workflow = await insist(signal, () => client.workflows.get(workflowId));
    const hasEnded = ENDS.some((end) => end === workflow.state);
    if (left === 'cancel' && (workflow.state === 'PROCESSING' || hasEnded)) {
      left = undefined;
      await change(scene, 'cancel', workflowId);
    } else if (left === 'retry' && workflow.state === 'FAILED') {
      left = undefined;
      await change(scene, 'retry', workflowId);
      continue;
    } else if (hasEnded) return;
    else await help(scene, workflow);
    await setTimeout(LOOK_MS, undefined, { signal });
  }
}

/** Whether it was done or refused is told apart by the history alone. */
async function change({ client, history, signal }: Scene, verb: 'cancel' | 'retry', workflowId: string) {
  await insist(signal, async () => {
    const deed = history.invoke(`${verb}-workflow`, { workflowId });
    try {
      deed.ok({ state: (await client.workflows[verb](workflowId)).state });
    } catch (error) {
      if (!isDefinite(error)) {
        deed.unknown();
        throw error;
      }
      deed.fail({ error: error.code });
    }
  });
}

/** Has the tasks retried that it waits for a person to retry. */
async function help({ client, history, signal }: Scene, { workflowId, nodes }: WorkflowInfo): Promise<void> {
  if (!nodes.some(({ taskId, state }) => taskId !== '' && state === 'ESCALATED')) return;
  const escalated = new Set(
    nodes.filter(({ state }) => state === 'ESCALATED').map(({ groupId, taskId }) => `${groupId}.${taskId}`),
  );
  const failed = await insist(signal, async () => {
    const found: string[] = [];
    for await (const { taskId, workflow } of client.list({ workflowId, states: [...FAILED] })) {
      if (workflow && escalated.has(`${workflow.groupId}.${workflow.taskId}`)) found.push(taskId);
    }
    return found;
  });
  for (const taskId of failed) {
    await insist(signal, async () => {
      const deed = history.invoke('retry', { taskId });
      try {
        deed.ok({ state: (await client.retry(taskId)).state });
      } catch (error) {
        if (!isDefinite(error)) {
          deed.unknown();
          throw error;
        }
        deed.fail({ error: error.code });
      }
    });
  }
}
