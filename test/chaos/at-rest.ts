import { setTimeout as pause } from 'node:timers/promises';
import { type Client, createClient } from '@reeve/sdk';
import { checkIndex, type IndexView } from '../support/checker-index.js';
import type { RecordedTask, Violation } from '../support/checker-record.js';
import type { History } from '../support/history.js';
import { type Job, runJobs } from '../support/history-client.js';
import type { Journal } from './journal.js';
import type { Member, Target } from './target.js';

const OPEN = ['BLOCKED', 'SCHEDULED', 'QUEUED', 'ASSIGNED', 'RUNNING', 'CANCELLING'] as const;
const POLL_MS = 200;
/** The reconciler has to have come round. */
const REPAIR_MS = 40_000;
/** Of these nobody takes any, and no more may wait than one peek shows. */
const KIND_OF_NOBODY = 'wire.nobody';
const QUEUED = 30;
const RUNNING = 6;
const SCHEDULED = 5;
/** Longer than any backoff of these tasks. */
const LONG_MS = 10_000;
const DAY_MS = 86_400_000;

/** Resolves when no task is open; with those that are, once the time is over. */
export async function allEnded(client: Client, timeoutMs: number): Promise<RecordedTask[]> {
  return settled(
    () => recordOf(client),
    (tasks) => tasks.length === 0,
    timeoutMs,
  );
}

/** Lets tasks that a wrong clock has put off for long run at once. @returns how many */
export async function hurry(client: Client): Promise<number> {
  let count = 0;
  for await (const { taskId, runTime } of client.list({ states: ['SCHEDULED'] })) {
    if (runTime && runTime.getTime() > Date.now() + LONG_MS) {
      await client.update(taskId, { runAt: null });
      count += 1;
    }
  }
  return count;
}

export interface RestOptions {
  readonly target: Target;
  /** Of the front. */
  readonly client: Client;
  readonly history: History;
  readonly journal: Journal;
  /** A prefix of request ids. */
  readonly name: string;
}

/**
 * I9 and I12: with tasks that are queued, that run and that wait for their time, and nothing else,
 * every coordinator tells of the same index, which is that of the record; also after Redis has
 * forgotten everything. Leaves nothing open.
 */
export async function checkAtRest({
  target,
  client,
  history,
  journal,
  name,
}: RestOptions): Promise<Violation[]> {
  const signal = AbortSignal.timeout(120_000);
  const job = (kind: string, i: number): Job => ({
    kind,
    requestId: `${name}-${kind}-${i}`,
    maxAttempts: 90,
  });
  const jobs = [
    ...Array.from({ length: QUEUED }, (_, i) => job(KIND_OF_NOBODY, i)),
    ...Array.from({ length: RUNNING }, (_, i) => job('wire.stuck', i)),
    ...Array.from({ length: SCHEDULED }, (_, i) => ({
      ...job(KIND_OF_NOBODY, QUEUED + i),
      runAt: Date.now() + DAY_MS,
    })),
  ];
  await runJobs(client, history, jobs, { concurrency: 8, signal });
  await settled(
    () => recordOf(client, ['RUNNING']),
    (running) => running.length === RUNNING,
    REPAIR_MS,
  );
  const found = await compare(target, client, 'at rest', journal);
  if (target.stores) {
    await target.stores.flushRedis();
    found.push(...(await compare(target, client, 'after FLUSHALL at rest', journal)));
  }
  const cancels = (await recordOf(client)).map(({ taskId }) => taskId);
  for (const taskId of cancels) {
    const deed = history.invoke('cancel', { taskId });
    deed.ok({ state: (await client.cancel(taskId, { graceMs: 2_000 })).state });
  }
  await allEnded(client, REPAIR_MS);
  found.push(...(await compare(target, client, 'with nothing open', journal)));
  return found;
}

/** Waits until every coordinator's index is that of the record, and tells what stays different. */
async function compare(target: Target, client: Client, when: string, journal: Journal): Promise<Violation[]> {
  const began = journal.elapsedMs();
  const clients = target.members.map((member) =>
    createClient({ address: member.address(), timeoutMs: 5_000 }),
  );
  try {
    const found = await settled(
      async () => {
        const tasks = await recordOf(client);
        const views = await Promise.all(
          target.members.map((member, i) => viewOf(clients[i] ?? client, member)),
        );
        return views.flatMap((view) => checkIndex(view, { tasks }));
      },
      (violations) => violations.length === 0,
      REPAIR_MS,
    );
    const seconds = ((journal.elapsedMs() - began) / 1_000).toFixed(1);
    const verdict =
      found.length === 0 ? 'is the record' : `differs from the record in ${found.length} points`;
    journal.say(`the index ${when} ${verdict} (${seconds} s)`);
    return found.map((violation) => ({ ...violation, message: `${when}: ${violation.message}` }));
  } finally {
    for (const own of clients) own.close();
  }
}

/** What one coordinator tells of the index. */
async function viewOf(client: Client, member: Member): Promise<IndexView> {
  const [{ tiers }, slots, waiting] = await Promise.all([
    client.queue.stats(),
    slotsInUse(member.httpAddress()),
    client.queue.peek({ kind: KIND_OF_NOBODY, limit: 0 }),
  ]);
  const inFlight: Record<string, number> = {};
  for await (const agent of client.agents.list()) inFlight[agent.agentId] = agent.inFlight;
  const sum = (of: (tier: (typeof tiers)[number]) => number) =>
    tiers.reduce((total, tier) => total + of(tier), 0);
  return {
    by: member.name,
    slots,
    waiting: waiting.map(({ task }) => task.taskId),
    delayed: sum(({ delayed }) => delayed),
    reserved: sum(({ reserved }) => reserved),
    inFlight,
  };
}

/** As the metrics have it. */
async function slotsInUse(httpAddress: string): Promise<number> {
  const text = await (await fetch(`http://${httpAddress}/metrics`)).text();
  const line = /^reeve_tasks_in_flight(?:\{[^}]*\})? (\d+)$/m.exec(text);
  if (!line) throw new Error('there is no metric of the tasks in flight');
  return Number(line[1]);
}

/** The open tasks. */
async function recordOf(
  client: Client,
  states: readonly (typeof OPEN)[number][] = OPEN,
): Promise<RecordedTask[]> {
  const tasks: RecordedTask[] = [];
  for await (const task of client.list({ states: [...states] })) {
    const { taskId, state, epoch, attempt, series, agentId } = task;
    tasks.push({ taskId, state, epoch, attempt, series, agentId: agentId || null, requestId: null });
  }
  return tasks;
}

/** Asks until the answer is good, or the time is over. @returns the last answer */
async function settled<T>(
  ask: () => Promise<T>,
  isGood: (answer: T) => boolean,
  timeoutMs: number,
): Promise<T> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    let failure: unknown;
    try {
      const answer = await ask();
      if (isGood(answer) || performance.now() > until) return answer;
    } catch (error) {
      failure = error;
    }
    if (failure && performance.now() > until) throw failure;
    await pause(POLL_MS);
  }
}
