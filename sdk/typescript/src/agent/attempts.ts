import { create } from '@bufbuild/protobuf';
import { type Duration, durationMs } from '@bufbuild/protobuf/wkt';
import {
  type Assignment,
  type LeaseUpdate,
  LeaseVerdict,
  type ResultAck,
  ResultVerdict,
} from '../gen/reeve/v1/claim_pb.js';
import { type Cancel, type HeldLease, HeldLeaseSchema, type Welcome } from '../gen/reeve/v1/work_pb.js';
import { type Alarm, type Alarms, now } from './alarms.js';
import { type Attempt, attemptOf, stopAttempt } from './attempt.js';
import { failed, succeeded } from './attempt-result.js';
import { encodeCheckpoint } from './checkpoint.js';
import { createContext, type Handler } from './handler-context.js';
import { Leases } from './leases.js';
import type { Logger } from './log.js';
import { Outbox } from './outbox.js';
import { readInput, type StandardSchema } from './schema.js';
import { Slots } from './slots.js';
import type { Standby } from './standby/standby.js';
import { isThenable } from './thenable.js';
import type { FromServer, ToServer } from './work-stream.js';

/** What an agent does with one kind of task. */
export interface Registration {
  readonly handler: Handler;
  readonly schema: StandardSchema | undefined;
  /** Attempts after the first that the handler allows, within the task's own policy. */
  readonly retries: number;
}

export interface AttemptsOptions {
  readonly slots: number;
  readonly handlers: ReadonlyMap<string, Registration>;
  readonly log: Logger;
  readonly alarms: Alarms;
  /** Keeps leases while the event loop is blocked. */
  readonly standby: Standby | undefined;
  readonly send: (message: ToServer) => void;
  readonly connected: () => boolean;
}

/**
 * The work of an agent: takes assignments, runs handlers, keeps leases and reports results,
 * through as many sessions as it takes.
 */
export class Attempts {
  readonly #options: AttemptsOptions;
  readonly #leases: Leases;
  readonly #slots: Slots;
  readonly #outbox: Outbox;
  readonly #renewAlarm: Alarm;
  readonly #overdueAlarm: Alarm;
  readonly #flushAlarm: Alarm;
  /** Assigned, and their acceptance not sent yet. */
  #assigned: Attempt[] = [];
  readonly #running = new Set<Attempt>();
  #limits = { maxPayloadBytes: 262_144, maxBatchItems: 1_000 };
  #flushing = false;
  #draining = false;
  #drainAcked = false;
  #onSettled: (() => void) | undefined;

  constructor(options: AttemptsOptions) {
    this.#options = options;
    this.#leases = new Leases(options.standby);
    this.#slots = new Slots(options.slots);
    this.#outbox = new Outbox(this.#slots, options.send);
    this.#renewAlarm = options.alarms.create(() => this.#renew());
    this.#overdueAlarm = options.alarms.create(() => this.#giveUpOverdue());
    this.#flushAlarm = options.alarms.create(() => this.#flushSoon());
  }

  /** What Hello says is held. */
  held(): HeldLease[] {
    return [...this.#leases.all()].map((attempt) =>
      create(HeldLeaseSchema, { claim: attempt.claim, hasUnackedResult: attempt.report !== undefined }),
    );
  }

  beginSession({ leaseTtl, renewInterval, verdicts, limits }: Welcome): void {
    this.#leases.setTerms(spanMs(leaseTtl), spanMs(renewInterval));
    this.#limits = {
      maxPayloadBytes: limits?.maxPayloadBytes || this.#limits.maxPayloadBytes,
      maxBatchItems: Math.min(limits?.maxBatchItems || 1_000, 1_000),
    };
    this.#leases.forgetRenewals();
    for (const verdict of verdicts) this.#leaseUpdated(verdict);
    this.#outbox.beginSession(this.#leases.all());
    this.#acceptAgain(verdicts);
    if (this.#draining) this.#sendDrain();
    this.#flush();
  }

  /** What came on the stream before, after this one's Hello: whether it was accepted there is not known. */
  #acceptAgain(verdicts: Welcome['verdicts']): void {
    const named = new Set(verdicts.map(({ claim }) => claim?.taskId));
    for (const { claim } of this.#leases.all()) if (!named.has(claim.taskId)) this.#outbox.accept(claim);
  }

  endSession(): void {
    this.#drainAcked = false;
    this.#leases.forgetRenewals();
    this.#checkSettled();
  }

  /** `current`: on the session's own stream, not on one that it has replaced. */
  received(message: FromServer, current: boolean): void {
    if (message.case === 'assignments') this.#assign(message.value.assignments, current);
    else if (message.case === 'leaseUpdates') for (const u of message.value.updates) this.#leaseUpdated(u);
    else if (message.case === 'resultAcks') for (const ack of message.value.acks) this.#acknowledged(ack);
    else if (message.case === 'cancels') for (const c of message.value.cancels) this.#cancelled(c);
    else if (message.case === 'drainAck' && current) this.#drainAcked = true;
    else this.#options.log.debug('ignored an unknown message', { case: message.case });
    this.#checkSettled();
  }

  /** Takes nothing new. What was assigned and not accepted goes back. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    for (const attempt of this.#assigned) {
      this.#leases.remove(attempt);
      this.#slots.free();
      this.#outbox.decline(attempt.claim, 'the agent stops');
    }
    this.#assigned = [];
    this.#flush();
    this.#sendDrain();
  }

  /** Resolves once every handler has ended, every result is acknowledged and nothing more can come. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#onSettled = resolve;
      this.#checkSettled();
    });
  }

  abortAll(cause: 'AGENT_STOPPED' | 'LEASE_LOST', message: string): void {
    for (const attempt of this.#running) this.#abort(attempt, cause, message);
  }

  /** No alarm is left that would keep the process alive. */
  close(): void {
    for (const alarm of [this.#renewAlarm, this.#overdueAlarm, this.#flushAlarm]) alarm.clear();
    this.#options.standby?.close();
  }

  #assign(assignments: readonly Assignment[], current: boolean): void {
    const time = now();
    for (const assignment of assignments) {
      if (current) this.#slots.countAssignment();
      const attempt = attemptOf(assignment, time, spanMs(assignment.leaseTtl) || this.#leases.ttlMs);
      if (!attempt) continue;
      const { claim, spec } = attempt;
      const known = this.#leases.ofTask(claim.taskId);
      if (known && known.claim.epoch >= claim.epoch) continue;
      if (this.#draining) this.#outbox.decline(claim, 'the agent stops');
      else if (!this.#options.handlers.has(spec.kind)) {
        this.#outbox.decline(claim, `the agent has no handler for ${spec.kind}`.slice(0, 1_000));
      } else {
        if (known) this.#lose(known, 'the task was claimed again');
        this.#leases.add(attempt, time);
        this.#slots.take();
        this.#outbox.accept(claim);
        this.#assigned.push(attempt);
        this.#overdueAlarm.setAtLatest(this.#leases.lostAt(attempt));
      }
    }
    this.#renewAlarm.setAtLatest(time + this.#leases.renewMs);
    this.#flushSoon();
  }

  /** Once a tick: what was gathered goes out, then handlers start, so that none holds it up. */
  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#options.connected()) this.#outbox.flush(this.#limits.maxBatchItems, !this.#draining);
    const starting = this.#assigned;
    this.#assigned = [];
    if (starting.length > 0) setImmediate(() => starting.forEach((attempt) => void this.#run(attempt)));
  }

  async #run(attempt: Attempt): Promise<void> {
    this.#running.add(attempt);
    const { maxPayloadBytes } = this.#limits;
    const registration = this.#options.handlers.get(attempt.spec.kind);
    const context = createContext(attempt, this.#options.log, (fraction, text, { checkpoint } = {}) => {
      const left = encodeCheckpoint(checkpoint);
      if (!this.#running.has(attempt) || this.#leases.get(attempt.claim) !== attempt) return;
      this.#flushAlarm.setAtLatest(this.#outbox.progress.put(attempt, fraction, text, left));
    });
    try {
      if (attempt.stopError) throw attempt.stopError;
      // Promises only for what takes time: most of a short handler's cost would be theirs.
      const read = readInput(attempt.spec.input, registration?.schema);
      const input = isThenable(read) ? await read : read;
      const returned = registration?.handler(input, context);
      const output = isThenable(returned) ? await returned : returned;
      this.#finish(attempt, succeeded(output, maxPayloadBytes));
    } catch (thrown) {
      if (!attempt.stop) context.log.warn('the attempt failed', { error: thrown });
      const retryable = attempt.number <= (registration?.retries ?? Number.POSITIVE_INFINITY);
      this.#finish(attempt, failed(attempt, thrown, retryable, maxPayloadBytes));
    }
  }

  #finish(attempt: Attempt, result: ReturnType<typeof succeeded>): void {
    this.#running.delete(attempt);
    this.#slots.free();
    this.#outbox.progress.ended(attempt, result);
    if (this.#leases.get(attempt.claim) === attempt) this.#outbox.results.add(attempt, result);
    this.#flushSoon();
    this.#checkSettled();
  }

  #leaseUpdated({ claim, verdict, remaining, cause }: Omit<LeaseUpdate, '$typeName'>): void {
    const attempt = this.#leases.get(claim);
    if (!attempt) return;
    if (verdict === LeaseVerdict.KEEP) this.#leases.confirm(attempt, spanMs(remaining), now());
    if (verdict === LeaseVerdict.LOST) this.#lose(attempt, 'the lease on the task was lost');
    if (verdict === LeaseVerdict.CANCEL) this.#stop(attempt, cause || 'CANCELLED', '');
    if (verdict === LeaseVerdict.RESULT_RECORDED) this.#forget(attempt);
  }

  #acknowledged({ claim, resultId, verdict, message }: ResultAck): void {
    const attempt = this.#leases.get(claim);
    if (attempt?.report?.resultId !== resultId) return;
    this.#forget(attempt);
    if (verdict === ResultVerdict.RECORDED || verdict === ResultVerdict.ALREADY_RECORDED) return;
    const { taskId } = attempt.claim;
    this.#options.log.warn('a result does not count', { taskId, verdict: ResultVerdict[verdict], message });
  }

  #cancelled({ claim, cause, reason }: Cancel): void {
    const attempt = this.#leases.get(claim);
    if (attempt) this.#stop(attempt, cause || 'CANCELLED', reason);
  }

  #stop(attempt: Attempt, cause: string, reason: string): void {
    const what = cause === 'CANCELLED' ? 'the task was cancelled' : `the attempt is to stop: ${cause}`;
    this.#abort(attempt, cause, reason ? `${what}: ${reason}` : what);
  }

  #abort(attempt: Attempt, cause: string, message: string): void {
    stopAttempt(attempt, cause, message);
    this.#outbox.progress.hurry(attempt);
    this.#flushSoon();
  }

  #lose(attempt: Attempt, message: string): void {
    this.#forget(attempt);
    if (attempt.report) return;
    this.#options.log.warn(message, { taskId: attempt.claim.taskId, kind: attempt.spec.kind });
    stopAttempt(attempt, 'LEASE_LOST', message);
  }

  #forget(attempt: Attempt): void {
    this.#leases.remove(attempt);
    this.#outbox.progress.drop(attempt);
    this.#outbox.results.settle(attempt);
    this.#flushSoon();
  }

  #renew(): void {
    if (this.#leases.size === 0) return;
    this.#renewAlarm.set(now() + this.#leases.renewMs);
    if (!this.#options.connected()) return;
    this.#outbox.renew(this.#leases.takeForRenewal(now()).map((attempt) => attempt.claim));
  }

  #giveUpOverdue(): void {
    for (const attempt of this.#leases.overdue(now())) {
      this.#lose(attempt, 'the lease on the task was not confirmed in time');
    }
    this.#overdueAlarm.setAtLatest(this.#leases.nextOverdue());
  }

  #sendDrain(): void {
    this.#options.send({ case: 'drain', value: { $typeName: 'reeve.v1.Drain', reason: 'the agent stops' } });
  }

  #checkSettled(): void {
    if (!this.#onSettled || this.#slots.busy > 0 || this.#outbox.results.size > 0) return;
    if (this.#drainAcked || !this.#options.connected()) this.#onSettled();
  }
}

function spanMs(span: Duration | undefined): number {
  return span ? durationMs(span) : 0;
}
