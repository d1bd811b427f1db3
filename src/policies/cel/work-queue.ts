import type { PolicyFailure } from '../../domain/policies/decision.js';
import type { Clock } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';
import { RequestBuilder } from './encode.js';
import type { Result } from './messages.js';
import { STRIKES, Strikes } from './strikes.js';
import { startThread, type Thread } from './thread.js';
import { type Runaway, watch } from './watchdog.js';

/** Things to find out with one expression or schema. */
export interface Work {
  readonly count: number;
  /** What each may take on a processor, in ms. */
  readonly deadlineMs: number;
  /** Whose expression it is: what often runs away is not asked for a while. */
  readonly owner: string;
  /** Puts one of them into a request. @returns whether it is small enough */
  readonly encode: (request: RequestBuilder, at: number) => boolean;
}

export interface WorkQueueOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Told when an expression was ended, and its thread with it. */
  readonly onEnded?: () => void;
}

/** A work and what has come of it. */
interface Task {
  readonly job: Job;
  readonly work: Work;
  readonly results: (Result | undefined)[];
}

/** Works of one call, which are answered together. */
interface Job {
  readonly tasks: readonly Task[];
  left: number;
  readonly done: (results: readonly (readonly Result[])[]) => void;
}

/** Items of one work that follow each other in a request. */
interface Span {
  readonly task: Task;
  readonly first: number;
  count: number;
}

/** A request is sent when it is so long, in characters, or has so many items. */
const MAX_REQUEST_LENGTH = 256 * 1024;
const MAX_REQUEST_ITEMS = 2_000;
/** So many items may wait. */
const MAX_WAITING = 100_000;

/**
 * Gives work to a thread, one request at a time, and takes jobs in turns. A thread that an item does not
 * come back from, or that dies of it, is ended and another one started: that item has failed, all others of
 * the request are asked again.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onEnded: () => void;
  readonly #strikes: Strikes;
  #jobs: Job[] = [];
  #waiting = 0;
  #thread: Thread | undefined;
  #ready = false;
  #going: NodeJS.Immediate | undefined;
  #sent: readonly Span[] = [];
  #stopWatch: (() => void) | undefined;
  #runaway: Runaway | undefined;
  #stopped = false;
  #stopping: Promise<void> | undefined;
  #ended: (() => void) | undefined;

  constructor({ clock, log, onEnded }: WorkQueueOptions) {
    this.#clock = clock;
    this.#log = log;
    this.#onEnded = onEnded ?? (() => undefined);
    this.#strikes = new Strikes(clock);
  }

  /** The results of each work, in order; never rejects. */
  run(works: readonly Work[]): Promise<readonly (readonly Result[])[]> {
    const items = works.reduce((sum, { count }) => sum + count, 0);
    if (items === 0) return Promise.resolve(works.map(() => []));
    if (this.#stopped) return Promise.resolve(allFailed(works, 'the coordinator stops'));
    if (this.#waiting + items > MAX_WAITING) {
      return Promise.resolve(allFailed(works, 'too many evaluations wait'));
    }
    this.#waiting += items;
    return new Promise((done) => {
      const tasks: Task[] = [];
      const job: Job = { tasks, left: items, done };
      for (const work of works) tasks.push({ job, work, results: new Array(work.count) });
      this.#jobs.push(job);
      this.#soon();
    });
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  stop(): Promise<void> {
    this.#stopped = true;
    this.#stopping ??= this.#thread ? this.#end(this.#thread) : Promise.resolve();
    return this.#stopping.then(() => this.#failAll('the coordinator stops'));
  }

  #end(thread: Thread): Promise<void> {
    return new Promise((resolve) => {
      this.#ended = resolve;
      thread.end();
    });
  }

  /** What comes in the same turn of the event loop goes along: it crosses to the thread, and comes back, together. */
  #soon(): void {
    if (this.#sent.length > 0) return;
    this.#going ??= setImmediate(() => {
      this.#going = undefined;
      this.#go();
    });
  }

  /** Sends what waits, if nothing is under way. */
  #go(): void {
    if (this.#sent.length > 0 || this.#jobs.length === 0 || this.#stopped) return;
    this.#thread ??= this.#start();
    if (!this.#ready) return;
    let request: RequestBuilder;
    let sent: readonly Span[];
    do {
      request = new RequestBuilder();
      sent = this.#fill(request);
      // Nothing to send: all that was looked at is refused, and there may be more.
    } while (sent.length === 0 && this.#jobs.length > 0);
    if (sent.length === 0) return;
    this.#sent = sent;
    this.#stopWatch = watch(
      this.#clock,
      this.#thread,
      (item) => itemOf(sent, item)?.task.work.deadlineMs ?? 0,
      (runaway) => {
        this.#runaway = runaway;
        this.#thread?.end();
      },
    );
    this.#thread.send(request.build());
  }

  #fill(request: RequestBuilder): readonly Span[] {
    const sent: Span[] = [];
    for (const { tasks } of [...this.#jobs]) {
      for (const task of tasks) {
        if (!this.#fillWith(task, request, sent)) return sent;
      }
    }
    return sent;
  }

  /** @returns whether there is room for more */
  #fillWith(task: Task, request: RequestBuilder, sent: Span[]): boolean {
    const { work, results } = task;
    const suspended = this.#suspension(work);
    let span: Span | undefined;
    for (let at = 0; at < work.count; at++) {
      if (results[at]) continue;
      if (request.length > MAX_REQUEST_LENGTH || request.count >= MAX_REQUEST_ITEMS) return false;
      const refused = suspended ?? (work.encode(request, at) ? undefined : TOO_LARGE);
      if (refused) {
        this.#settle(task, at, refused);
      } else if (span && span.first + span.count === at) {
        span.count++;
      } else {
        span = { task, first: at, count: 1 };
        sent.push(span);
      }
    }
    return true;
  }

  #suspension({ owner }: Work): Result | undefined {
    const suspended = this.#strikes.suspendedMs(owner);
    if (suspended <= 0) return undefined;
    const seconds = Math.ceil(suspended / 1_000);
    return failed('RUNAWAY', `it ran away ${STRIKES} times and is asked again in ${seconds} s`);
  }

  #start(): Thread {
    this.#ready = false;
    return startThread({
      onReady: () => {
        this.#ready = true;
        this.#go();
      },
      onReply: (reply) => this.#take(JSON.parse(reply)),
      onEnd: (ended) => this.#restart(ended),
    });
  }

  /** Results of the first that were sent; the others go behind those that wait. */
  #take(results: readonly Result[]): void {
    // Too late: the thread is being ended, and nothing more can be sent to it.
    if (this.#runaway) return;
    this.#stopWatch?.();
    const sent = this.#sent;
    this.#sent = [];
    let next = 0;
    for (const { task, first, count } of sent) {
      for (let n = 0; n < count && next < results.length; n++) {
        this.#settle(task, first + n, results[next++] as Result);
      }
    }
    const after = itemOf(sent, next)?.task.job;
    if (after) this.#jobs = [...this.#jobs.filter((job) => job !== after), after];
    this.#go();
  }

  #settle({ job, results }: Task, at: number, result: Result): void {
    if (results[at]) return;
    results[at] = result;
    job.left--;
    this.#waiting--;
    if (job.left > 0) return;
    this.#jobs = this.#jobs.filter((each) => each !== job);
    job.done(job.tasks.map((task) => task.results as Result[]));
  }

  #restart({ outOfMemory, error }: { readonly outOfMemory: boolean; readonly error: string }): void {
    this.#stopWatch?.();
    const neverReady = !this.#ready;
    const mark = this.#thread?.progress[0] ?? 0;
    const runaway = this.#runaway;
    const sent = this.#sent;
    this.#thread = undefined;
    this.#ready = false;
    this.#runaway = undefined;
    this.#sent = [];
    this.#ended?.();
    if (this.#stopped) return;
    const item = runaway?.item ?? (mark >> 1) - 1;
    const culprit = itemOf(sent, item);
    if (culprit) {
      const { task, at } = culprit;
      const { owner } = task.work;
      this.#strikes.add(owner);
      this.#onEnded();
      this.#settle(task, at, reasonOf(runaway, outOfMemory, error));
      this.#log.warn({ owner, reason: runaway?.message ?? error }, 'an expression was ended');
    } else {
      this.#log.error({ error: runaway?.message ?? error, neverReady }, 'the thread of policies has ended');
      this.#failAll('the thread of policies has ended');
    }
    this.#go();
  }

  #failAll(message: string): void {
    for (const { tasks } of [...this.#jobs]) {
      for (const task of tasks) {
        for (let at = 0; at < task.work.count; at++) this.#settle(task, at, failed('UNAVAILABLE', message));
      }
    }
  }
}

/** Whose the n-th item of a request is, and its place there. */
function itemOf(sent: readonly Span[], n: number): { readonly task: Task; readonly at: number } | undefined {
  let before = 0;
  for (const { task, first, count } of sent) {
    if (n >= before && n < before + count) return { task, at: first + n - before };
    before += count;
  }
  return undefined;
}

/** What is said of what could not be put into a request. */
export const INPUT_TOO_LARGE = 'its input is too large';
const TOO_LARGE = failed('TOO_LARGE', INPUT_TOO_LARGE);

function allFailed(works: readonly Work[], message: string): readonly (readonly Result[])[] {
  return works.map(({ count }) => new Array<Result>(count).fill(failed('UNAVAILABLE', message)));
}

function reasonOf(runaway: Runaway | undefined, outOfMemory: boolean, error: string): Result {
  if (runaway) return failed('RUNAWAY', runaway.message, runaway.tookMs);
  if (outOfMemory) return failed('TOO_LARGE', 'it used more memory than there is for policies');
  return failed('ERROR', error);
}

function failed(failure: PolicyFailure, message: string, tookMs = 0): Result {
  return ['failed', failure, message, tookMs];
}
