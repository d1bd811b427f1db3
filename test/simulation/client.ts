import { createHash } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import { TaskSpecSchema } from '@reeve/sdk/protocol';
import type { Principal } from '../../src/domain/access/principal.js';
import { ReeveError } from '../../src/domain/errors.js';
import type { Task, TaskSpec } from '../../src/domain/tasks/task.js';
import { cancelTasks } from '../../src/usecases/cancel-tasks.js';
import { retryTasks } from '../../src/usecases/retry-tasks.js';
import { type SubmitReply, submitTasks } from '../../src/usecases/submit-tasks.js';
import type { History } from '../support/history.js';
import { ORG } from './connection.js';
import { type Coordinator, EPOCH } from './coordinator.js';
import type { Network } from './network.js';

/** A task to be submitted, and what is done with it afterwards. */
export interface Job {
  readonly requestId: string;
  readonly kind: string;
  readonly maxAttempts: number;
  readonly runInMs: number | null;
  readonly attemptTimeoutMs: number | null;
  readonly human: boolean;
  /** The state it must end in. */
  readonly endsAs?: string;
  /** Once it is acknowledged, after `afterMs`. `reuse`: its name for another body. */
  readonly next: { readonly verb: 'cancel' | 'retry' | 'reuse'; readonly afterMs: number } | null;
}

const PRINCIPAL: Principal = { org: ORG, subject: 'client', roles: ['admin'] };
const PATIENCE_MS = 8_000;

/** Whatever comes back of a call; `null`: nothing, or nothing that says whether it happened. */
type Answer<T> = T | ReeveError | null;

/** Submits tasks and goes on asking until each call has an answer. */
export class Client {
  readonly #network: Network;
  readonly #history: History;
  readonly #findCoordinator: () => Coordinator | undefined;
  #open = 0;

  constructor(network: Network, history: History, findCoordinator: () => Coordinator | undefined) {
    this.#network = network;
    this.#history = history;
    this.#findCoordinator = findCoordinator;
  }

  /** Whether every call has its answer. */
  get isDone(): boolean {
    return this.#open === 0;
  }

  run(job: Job, inMs: number): void {
    this.#open += 1;
    this.#network.queue.after(inMs, () => this.#submit(job, JSON.stringify({ n: job.requestId })));
  }

  #submit(job: Job, body: string, last = false): void {
    const { requestId, maxAttempts, endsAs, next } = job;
    const item = itemOf(job, body, this.#network.queue.now);
    const operation = this.#history.invoke('submit', {
      requestId,
      body,
      maxAttempts,
      ...(endsAs && { endsAs }),
    });
    this.#ask(
      async ({ ports }) => {
        const [reply] = await submitTasks(ports)(PRINCIPAL, [item]);
        return thrown(reply);
      },
      (answer) => {
        if (answer === null) {
          operation.unknown();
          this.#again(() => this.#submit(job, body, last));
          return;
        }
        if (answer instanceof ReeveError) operation.fail({ error: answer.code });
        else operation.ok({ taskId: answer.taskId });
        if (last || !next || answer instanceof ReeveError) return this.#done();
        const { taskId } = answer;
        const { verb } = next;
        this.#network.queue.after(next.afterMs, () => {
          if (verb === 'reuse') this.#submit(job, JSON.stringify({ n: requestId, other: true }), true);
          else this.#steer(verb, taskId);
        });
      },
    );
  }

  #steer(verb: 'cancel' | 'retry', taskId: string): void {
    const operation = this.#history.invoke(verb, { taskId });
    this.#ask(
      async ({ ports }) => {
        const item = { taskId, reason: 'by chance', graceMs: null };
        const steer = verb === 'cancel' ? cancelTasks(ports) : retryTasks(ports);
        const [reply] = await steer(PRINCIPAL, [item]);
        if (!reply || reply instanceof ReeveError) throw reply ?? new Error('no reply');
        return reply;
      },
      (answer: Answer<Task>) => {
        if (answer === null) {
          operation.unknown();
          this.#again(() => this.#steer(verb, taskId));
          return;
        }
        if (answer instanceof ReeveError) operation.fail({ error: answer.code });
        else operation.ok({ state: answer.state });
        this.#done();
      },
    );
  }

  #done(): void {
    this.#open -= 1;
  }

  #again(fn: () => void): void {
    this.#network.queue.after(this.#network.chance.between(50, 500), fn);
  }

  #ask<T>(call: (coordinator: Coordinator) => Promise<T>, told: (answer: Answer<T>) => void): void {
    let open = true;
    const answer = (value: Answer<T>) => {
      if (!open) return;
      open = false;
      forget();
      told(value);
    };
    const forget = this.#network.queue.after(PATIENCE_MS, () => answer(null));
    const coordinator = this.#findCoordinator();
    if (!coordinator) return;
    const reply = (value: Answer<T>) => this.#network.carry(() => coordinator.isAlive && answer(value));
    this.#network.carry(() => {
      if (!coordinator.isAlive) return;
      call(coordinator).then(reply, (error: unknown) => reply(error instanceof ReeveError ? error : null));
    });
  }
}

function thrown(reply: SubmitReply | undefined): Extract<SubmitReply, { ok: true }> {
  if (!reply?.ok) throw reply?.error ?? new Error('no reply');
  return reply;
}

function itemOf(job: Job, body: string, now: number) {
  const { kind, requestId, maxAttempts, human, attemptTimeoutMs, runInMs } = job;
  const input = { content: { case: 'data' as const, value: Buffer.from(body) } };
  const bytes = toBinary(TaskSpecSchema, create(TaskSpecSchema, { kind, input }));
  const spec: TaskSpec = {
    kind,
    tier: 'NORMAL',
    source: human ? 'HUMAN' : 'AUTOMATED',
    labels: { request: requestId },
    goal: '',
    intent: '',
    submitterSubjectId: PRINCIPAL.subject,
    jobSpaceId: '',
    parentTaskId: null,
    requirements: {
      agentType: null,
      capabilities: [kind],
      services: [],
      tags: [],
      region: null,
      minHealth: null,
      agentId: null,
      prefer: null,
    },
    retry: { maxAttempts, initialBackoffMs: 200, maxBackoffMs: 2_000, backoffMultiplier: 2 },
    attemptTimeoutMs,
    runAt: runInMs === null ? null : EPOCH + Math.floor(now) + runInMs,
    body: bytes,
  };
  const bodyHash = createHash('sha256').update(body).digest();
  return { spec, request: { requestId, bodyHash } };
}
