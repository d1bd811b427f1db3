import { type CopiedLease, LeaseTable, NS_PER_MS, sharedNow } from './lease-table.js';
import type { Renewer, RenewerOptions } from './renewer.js';

/** What the standby thread needs to know of an agent. Structured-cloneable. */
export interface WatchOptions extends RenewerOptions {
  readonly table: SharedArrayBuffer;
  /** How long the agent's thread may stall until its leases are left to run out, in ms. */
  readonly stallCapMs: number;
}

/**
 * Looks after one agent's leases while its thread is blocked: renews them on a channel of its
 * own once the beat is an interval late, and closes that when the beat is back or the stall
 * has gone on past the cap.
 */
export class Watch {
  readonly #options: WatchOptions;
  readonly #table: LeaseTable;
  readonly #capNs: bigint;
  readonly #open: (options: WatchOptions) => Promise<Renewer>;
  #timer: NodeJS.Timeout | undefined;
  #renewer: Promise<Renewer> | undefined;
  #renewing = false;
  #renewAt = 0n;
  /** Leases that are not to be prolonged any more. */
  readonly #gone = new Set<string>();

  constructor(options: WatchOptions, open: (options: WatchOptions) => Promise<Renewer>) {
    this.#options = options;
    this.#table = new LeaseTable(options.table);
    this.#capNs = BigInt(Math.round(Math.min(options.stallCapMs, Number.MAX_SAFE_INTEGER / 1e6))) * NS_PER_MS;
    this.#open = open;
  }

  start(): void {
    this.#timer = setTimeout(
      () => {
        this.#look();
        this.start();
      },
      Number(this.#table.renewNs / NS_PER_MS) / 4,
    );
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#rest();
  }

  #look(): void {
    // Leases first: the agent beats before it writes one, so that none seems to be late at once.
    const leases = this.#table.all();
    const time = sharedNow();
    const stalled = time - this.#table.beatAt;
    const late = stalled >= this.#table.renewNs && stalled < this.#capNs;
    if (leases.length === 0 || !late) this.#rest();
    else if (!this.#renewing && time >= this.#renewAt) void this.#renew(leases);
  }

  async #renew(leases: readonly CopiedLease[]): Promise<void> {
    this.#renewing = true;
    this.#renewer ??= this.#open(this.#options);
    const renewer = await this.#renewer;
    const sentAt = sharedNow();
    try {
      const wanted = leases.filter((lease) => !this.#gone.has(keyOf(lease)));
      const timeoutMs = Math.max(1_000, Math.min(10_000, Number(this.#table.renewNs / NS_PER_MS)));
      for (const { lease, remainingMs } of await renewer.renew(wanted, timeoutMs)) {
        if (remainingMs === undefined) this.#gone.add(keyOf(lease));
        else this.#table.prolong(lease, sentAt + BigInt(Math.floor(remainingMs)) * NS_PER_MS);
      }
      this.#renewAt = sentAt + this.#table.renewNs;
    } catch {
      // Nobody answers: tried again at the next look.
    } finally {
      this.#renewing = false;
    }
  }

  #rest(): void {
    void this.#renewer?.then(
      (renewer) => renewer.close(),
      () => {},
    );
    this.#renewer = undefined;
    this.#renewAt = 0n;
    this.#gone.clear();
  }
}

function keyOf({ taskId, epoch }: CopiedLease): string {
  return `${taskId} ${epoch}`;
}
