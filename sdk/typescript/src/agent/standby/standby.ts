import type { Claim } from '../../gen/reeve/v1/claim_pb.js';
import { type Alarm, type Alarms, now } from '../alarms.js';
import type { Logger } from '../log.js';
import { LeaseTable, NS_PER_MS, sharedNow } from './lease-table.js';
import { joinStandby, type Membership } from './thread.js';
import type { WatchOptions } from './watch.js';

export interface StandbyOptions extends Omit<WatchOptions, 'table'> {
  /** How many tasks the agent takes at once. */
  readonly slots: number;
  readonly alarms: Alarms;
  readonly log: Logger;
}

/** With leases that are shorter, a thread would hardly be up in time. In ms. */
const MIN_TTL_MS = 2_000;

/**
 * The agent's side of what keeps its leases while its thread is blocked: a copy of them in
 * shared memory and a beat, watched by a thread that starts with the first lease. If there
 * can be none, the agent goes without.
 */
export class Standby {
  readonly #options: StandbyOptions;
  readonly #beatAlarm: Alarm;
  /** The row of each task. */
  readonly #rows = new Map<string, number>();
  readonly #free: number[] = [];
  /** When leases were put last. */
  #putAt = Number.NEGATIVE_INFINITY;
  #ttlMs = 0;
  #renewMs = 0;
  #table: LeaseTable | undefined;
  #membership: Membership | undefined;
  #over = false;

  constructor(options: StandbyOptions) {
    this.#options = options;
    this.#beatAlarm = options.alarms.create(() => this.#beat());
  }

  /** How long leases last and how often they are renewed, in ms. */
  setTerms(ttlMs: number, renewMs: number): void {
    this.#ttlMs = ttlMs;
    this.#renewMs = renewMs;
    if (this.#table) this.#table.renewNs = toNs(renewMs);
  }

  /** `time`: now, the same for all that came together. */
  put(claim: Claim, time: number): void {
    if (this.#over || this.#ttlMs < MIN_TTL_MS) return;
    const table = this.#table ?? this.#start();
    const row = this.#rows.get(claim.taskId) ?? this.#free.pop();
    if (row === undefined) return;
    if (time !== this.#putAt) {
      this.#putAt = time;
      table.beat();
      this.#beatAlarm.setAtLatest(time + this.#renewMs / 4);
    }
    if (!table.write(row, claim)) {
      this.#free.push(row);
      return;
    }
    this.#rows.set(claim.taskId, row);
  }

  remove({ taskId }: Claim): void {
    const row = this.#rows.get(taskId);
    if (row === undefined) return;
    this.#table?.clear(row);
    this.#rows.delete(taskId);
    this.#free.push(row);
  }

  /** Until when the thread has prolonged a lease, on the agent's clock; 0: it has not. */
  prolongedUntil({ taskId }: Claim): number {
    const row = this.#rows.get(taskId);
    const expiresAt = row === undefined ? 0n : (this.#table?.expiresAt(row) ?? 0n);
    if (expiresAt === 0n) return 0;
    return now() + Number(expiresAt - sharedNow()) / Number(NS_PER_MS);
  }

  close(): void {
    this.#over = true;
    this.#beatAlarm.clear();
    this.#membership?.leave();
  }

  #start(): LeaseTable {
    const { agentId, target, stallCapMs, slots, log } = this.#options;
    // Twice the slots: a task whose result is not acknowledged yet is held beside the next one.
    const table = LeaseTable.ofRows(2 * slots);
    this.#table = table;
    for (let row = 0; row < table.rows; row++) this.#free.push(row);
    table.renewNs = toNs(this.#renewMs);
    table.beat();
    const failed = (error: unknown) => {
      this.#over = true;
      log.debug('leases are not renewed while the event loop is blocked', { error });
    };
    try {
      this.#membership = joinStandby({ agentId, target, stallCapMs, table: table.buffer }, failed);
    } catch (error) {
      failed(error);
    }
    return table;
  }

  #beat(): void {
    this.#table?.beat();
    if (this.#rows.size > 0 && !this.#over) this.#beatAlarm.set(now() + this.#renewMs / 4);
  }
}

function toNs(ms: number): bigint {
  return BigInt(Math.max(1, Math.round(ms))) * NS_PER_MS;
}
