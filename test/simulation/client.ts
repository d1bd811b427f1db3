import { createHash } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import { TaskSpecSchema } from '@reeve/sdk/protocol';
import type { Principal } from '../../src/domain/access/principal.js';
import { ReeveError } from '../../src/domain/errors.js';
import { NO_REQUIREMENTS } from '../../src/domain/tasks/requirements.js';
import type { Dependency, Task, TaskSpec } from '../../src/domain/tasks/task.js';
import { NO_ROUTING, NO_TERMS, type RoutingTerms } from '../../src/domain/tasks/terms.js';
import { TIERS, type Tier } from '../../src/domain/tasks/tier.js';
import { cancelTasks } from '../../src/usecases/cancel-tasks.js';
import { preemptTasks } from '../../src/usecases/preempt-tasks.js';
import { retryTasks } from '../../src/usecases/retry-tasks.js';
import { type SubmitReply, submitTasks } from '../../src/usecases/submit-tasks.js';
import { type Revision, updateTask } from '../../src/usecases/update-task.js';
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
  readonly tier: Tier;
  /** By when it has to have ended, from its submission on. */
  readonly deadlineMs: number | null;
  /** What it waits for, of the tasks that are acknowledged by then. */
  readonly dependencies: readonly Wish[];
  /** How its agent is to be found, other than by load. */
  readonly routing: Partial<RoutingTerms> | null;
  /** The state it must end in. */
  readonly endsAs?: string;
  /** Once it is acknowledged, after `afterMs`. `reuse`: its name for another body. `preempt`: it is sent back. */
  readonly next: { readonly verb: Steering | 'reuse' | 'preempt'; readonly afterMs: number } | null;
}

export interface Wish {
  /** Which of the known tasks, from 0 (the oldest) to 1 (exclusive); `null`: one that there is not. */
  readonly which: number | null;
  readonly runAnyway: boolean;
}

type Steering = 'cancel' | 'retry' | 'update';

const PRINCIPAL: Principal = { org: ORG, subject: 'client', roles: ['admin'] };
/** No task has this id. */
const NOBODY = '00000000-0000-7000-8000-ffffffffffff';
const PATIENCE_MS = 8_000;

/** Whatever comes back of a call; `null`: nothing, or nothing that says whether it happened. */
type Answer<T> = T | ReeveError | null;

/** Submits tasks and goes on asking until each call has an answer. */
export class Client {
  readonly #network: Network;
  readonly #history: History;
  readonly #findCoordinator: () => Coordinator | undefined;
  /** Acknowledged tasks, oldest first. */
  readonly #known: string[] = [];
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
    this.#network.queue.after(inMs, () => {
      this.#submit(job, this.#find(job.dependencies), JSON.stringify({ n: job.requestId }));
    });
  }

  /** The tasks that are wished for, each once. */
  #find(wishes: readonly Wish[]): readonly Dependency[] {
    const found = wishes.flatMap(({ which, runAnyway }): Dependency[] => {
      if (which === null) return [{ taskId: NOBODY, runAnyway }];
      const taskId = this.#known[Math.floor(which * this.#known.length)];
      return taskId === undefined ? [] : [{ taskId, runAnyway }];
    });
    return [...new Map(found.map((one) => [one.taskId, one])).values()];
  }

  #submit(job: Job, dependencies: readonly Dependency[], body: string, last = false): void {
    const { requestId, maxAttempts, endsAs, next } = job;
    const item = itemOf(job, dependencies, body, this.#network.queue.now);
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
          this.#again(() => this.#submit(job, dependencies, body, last));
          return;
        }
        if (answer instanceof ReeveError) operation.fail({ error: answer.code });
        else {
          operation.ok({ taskId: answer.taskId });
          if (!last) this.#known.push(answer.taskId);
        }
        if (last || !next || answer instanceof ReeveError) return this.#done();
        const { taskId } = answer;
        const { verb } = next;
        this.#network.queue.after(next.afterMs, () => {
          const other = JSON.stringify({ n: requestId, other: true });
          if (verb === 'reuse') this.#submit(job, dependencies, other, true);
          else if (verb === 'preempt') this.#preempt(taskId);
          else this.#steer(verb, taskId, this.#revision());
        });
      },
    );
  }

  /** What UpdateTask is to change, by chance. */
  #revision(): Partial<Revision> {
    const { chance, queue } = this.#network;
    const at = EPOCH + Math.floor(queue.now) + chance.between(0, 10_000);
    const what = chance.weighted({ tier: 3, runAt: 3, noDeadline: 1, deadline: 2 });
    if (what === 'tier') return { tier: chance.pick(TIERS) ?? 'LOW' };
    if (what === 'runAt') return { runAt: at, reschedules: true };
    return { deadline: what === 'deadline' ? at : null };
  }

  #steer(verb: Steering, taskId: string, revision: Partial<Revision>): void {
    const operation = this.#history.invoke(verb, { taskId });
    this.#ask(
      async ({ ports }) => {
        if (verb === 'update')
          return updateTask(ports)(PRINCIPAL, { taskId, seq: null, revise: revised(revision) });
        const item = { taskId, reason: 'by chance', graceMs: null };
        const steer = verb === 'cancel' ? cancelTasks(ports) : retryTasks(ports);
        const [reply] = await steer(PRINCIPAL, [item]);
        if (!reply || reply instanceof ReeveError) throw reply ?? new Error('no reply');
        return reply;
      },
      (answer: Answer<Task>) => {
        if (answer === null) {
          operation.unknown();
          this.#again(() => this.#steer(verb, taskId, revision));
          return;
        }
        if (answer instanceof ReeveError) operation.fail({ error: answer.code });
        else operation.ok({ state: answer.state });
        this.#done();
      },
    );
  }

  /** As a coordinator does of itself, once, whatever comes of it: nobody is told, and nothing is promised. */
  #preempt(taskId: string): void {
    const graceMs = this.#network.chance.between(0, 5_000);
    this.#ask(
      async ({ ports }) => {
        const [task] = await ports.record.getTasks(ORG, [taskId], 'BASIC');
        if (!task) return [];
        return preemptTasks(ports)([{ org: ORG, taskId, epoch: task.epoch, graceMs, forTaskId: NOBODY }]);
      },
      () => this.#done(),
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

function revised(changes: Partial<Revision>) {
  return ({ spec }: Task): Revision => {
    const { tier, labels, requirements, runAt, deadline, body } = spec;
    const asItIs = { tier, labels, requirements, runAt, deadline, body, reschedules: false, detail: {} };
    return { ...asItIs, ...changes };
  };
}

function itemOf(job: Job, dependencies: readonly Dependency[], body: string, now: number) {
  const { kind, requestId, maxAttempts, human, attemptTimeoutMs, runInMs, tier, deadlineMs, routing } = job;
  const from = EPOCH + Math.floor(now);
  const input = { content: { case: 'data' as const, value: Buffer.from(body) } };
  const bytes = toBinary(TaskSpecSchema, create(TaskSpecSchema, { kind, input }));
  const spec: TaskSpec = {
    kind,
    tier,
    source: human ? 'HUMAN' : 'AUTOMATED',
    labels: { request: requestId },
    goal: '',
    intent: '',
    submitterSubjectId: PRINCIPAL.subject,
    jobSpaceId: '',
    parentTaskId: null,
    requirements: { ...NO_REQUIREMENTS, capabilities: [kind] },
    retry: { maxAttempts, initialBackoffMs: 200, maxBackoffMs: 2_000, backoffMultiplier: 2 },
    attemptTimeoutMs,
    runAt: runInMs === null ? null : from + runInMs,
    deadline: deadlineMs === null ? null : from + deadlineMs,
    dependencies,
    body: bytes,
  };
  const terms = routing === null ? NO_TERMS : { ...NO_TERMS, routing: { ...NO_ROUTING, ...routing } };
  const bodyHash = createHash('sha256').update(body).digest();
  return { spec, terms, requireCandidate: false, request: { requestId, bodyHash } };
}
