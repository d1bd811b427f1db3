import type { PolicyFailure } from '../../domain/policies/decision.js';
import type { Clock } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';
import { RequestBuilder } from './encode.js';
import type { Result } from './messages.js';
import { STRIKES, Strikes } from './strikes.js';
import { startThread, type Thread } from './thread.js';
import { type Runaway, watch } from './watchdog.js';

/** One thing to find out. */
export interface Work {
  /** What it may take on a processor, in ms. */
  readonly deadlineMs: number;
  /** Whose expression it is: what often runs away is not asked for a while. */
  readonly owner: string;
  /** Puts it into a request. @returns whether it is small enough */
  readonly encode: (request: RequestBuilder) => boolean;
}

/** Work of one call, which is answered together. */
interface Job {
  readonly works: readonly Work[];
  readonly results: (Result | undefined)[];
  left: number;
  readonly done: (results: readonly Result[]) => void;
}

/** A work and its place in its job. */
interface Sent {
  readonly job: Job;
  readonly at: number;
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
  readonly #strikes: Strikes;
  #jobs: Job[] = [];
  #waiting = 0;
  #thread: Thread | undefined;
  #ready = false;
  #sent: readonly Sent[] = [];
  #stopWatch: (() => void) | undefined;
  #runaway: Runaway | undefined;
  #stopped = false;
  #stopping: Promise<void> | undefined;
  #ended: (() => void) | undefined;

  constructor({ clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#clock = clock;
    this.#log = log;
    this.#strikes = new Strikes(clock);
  }

  /** One result a work, in order; never rejects. */
  run(works: readonly Work[]): Promise<readonly Result[]> {
    if (works.length === 0) return Promise.resolve([]);
    if (this.#stopped)
      return Promise.resolve(works.map(() => failed('UNAVAILABLE', 'the coordinator stops')));
    if (this.#waiting + works.length > MAX_WAITING) {
      return Promise.resolve(works.map(() => failed('UNAVAILABLE', 'too many evaluations wait')));
    }
    this.#waiting += works.length;
    return new Promise((done) => {
      this.#jobs.push({ works, results: new Array(works.length), left: works.length, done });
      this.#go();
    });
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

  /** Sends what waits, if nothing is under way. */
  #go(): void {
    if (this.#sent.length > 0 || this.#jobs.length === 0 || this.#stopped) return;
    this.#thread ??= this.#start();
    if (!this.#ready) return;
    let request: RequestBuilder;
    let sent: readonly Sent[];
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
      (item) => workOf(sent[item])?.deadlineMs ?? 0,
      (runaway) => {
        this.#runaway = runaway;
        this.#thread?.end();
      },
    );
    this.#thread.send(request.build());
  }

  #fill(request: RequestBuilder): readonly Sent[] {
    const sent: Sent[] = [];
    for (const job of [...this.#jobs]) {
      for (let at = 0; at < job.works.length; at++) {
        if (request.length > MAX_REQUEST_LENGTH || request.count >= MAX_REQUEST_ITEMS) return sent;
        const work = job.works[at];
        if (!work || job.results[at]) continue;
        const refused = this.#refusal(work, request);
        if (refused) this.#settle({ job, at }, refused);
        else sent.push({ job, at });
      }
    }
    return sent;
  }

  #refusal(work: Work, request: RequestBuilder): Result | undefined {
    const suspended = this.#strikes.suspendedMs(work.owner);
    if (suspended > 0) {
      const seconds = Math.ceil(suspended / 1_000);
      return failed('RUNAWAY', `it ran away ${STRIKES} times and is asked again in ${seconds} s`);
    }
    return work.encode(request) ? undefined : failed('TOO_LARGE', 'its input is too large');
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
    for (const [at, result] of results.entries()) this.#settle(sent[at], result);
    const first = sent[results.length]?.job;
    if (first) this.#jobs = [...this.#jobs.filter((job) => job !== first), first];
    this.#go();
  }

  #settle(sent: Sent | undefined, result: Result): void {
    if (!sent || sent.job.results[sent.at]) return;
    const { job, at } = sent;
    job.results[at] = result;
    job.left--;
    this.#waiting--;
    if (job.left > 0) return;
    this.#jobs = this.#jobs.filter((each) => each !== job);
    job.done(job.results as Result[]);
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
    const culprit = sent[item];
    const work = workOf(culprit);
    if (culprit && work) {
      this.#strikes.add(work.owner);
      this.#settle(culprit, reasonOf(runaway, outOfMemory, error));
      this.#log.warn({ owner: work.owner, reason: runaway?.message ?? error }, 'an expression was ended');
    } else {
      this.#log.error({ error: runaway?.message ?? error, neverReady }, 'the thread of policies has ended');
      this.#failAll('the thread of policies has ended');
    }
    this.#go();
  }

  #failAll(message: string): void {
    for (const job of [...this.#jobs]) {
      for (let at = 0; at < job.works.length; at++) this.#settle({ job, at }, failed('UNAVAILABLE', message));
    }
  }
}

function workOf(sent: Sent | undefined): Work | undefined {
  return sent?.job.works[sent.at];
}

function reasonOf(runaway: Runaway | undefined, outOfMemory: boolean, error: string): Result {
  if (runaway) return failed('RUNAWAY', runaway.message, runaway.tookMs);
  if (outOfMemory) return failed('TOO_LARGE', 'it used more memory than there is for policies');
  return failed('ERROR', error);
}

function failed(failure: PolicyFailure, message: string, tookMs = 0): Result {
  return ['failed', failure, message, tookMs];
}
