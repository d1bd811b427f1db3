import { type Attempt, KindRecord } from '../domain/agents/kind-record.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import { WarmByOrg } from './warm-by-org.js';

export interface TrackRecordOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Told whenever somebody is held back for a kind, or no longer. */
  readonly onHoldsChanged: (kind: KindRecord) => void;
}

/** Kinds that are remembered; the one that was met first is forgotten first. */
const MAX_KINDS = 10_000;

/** An attempt that has ended. `affinity`: the key of its task; `null`: it has none. */
export interface EndedAttempt {
  readonly kind: KindRecord;
  readonly attempt: Attempt;
  readonly affinity: string | null;
}

/** How agents do, by kind of task, and who has the context of which affinity key. Soft: a restart forgets it. */
export class TrackRecord {
  readonly #options: TrackRecordOptions;
  readonly #kinds = new Map<string, KindRecord>();
  /** Agents by the affinity keys of what they did lately. */
  readonly warm = new WarmByOrg();

  constructor(options: TrackRecordOptions) {
    this.#options = options;
  }

  kind(org: string, kind: string): KindRecord {
    const key = `${org} ${kind}`;
    const known = this.#kinds.get(key);
    if (known) return known;
    const [oldest] = this.#kinds.keys();
    if (this.#kinds.size >= MAX_KINDS && oldest !== undefined) this.#kinds.delete(oldest);
    const record = new KindRecord(org, kind);
    this.#kinds.set(key, record);
    return record;
  }

  add(attempts: readonly EndedAttempt[]): void {
    const touched = new Map<KindRecord, Map<string, number>>();
    for (const { kind, attempt, affinity } of attempts) {
      this.#warmed(kind, attempt, affinity);
      if (!touched.has(kind)) touched.set(kind, untils(kind));
      kind.add(attempt);
    }
    for (const [kind, before] of touched) {
      this.#judge(kind);
      const after = untils(kind);
      const same = after.size === before.size && [...after].every(([id, until]) => before.get(id) === until);
      if (!same) this.#changed(kind, before, after);
    }
  }

  /** To be told whom a task goes to. @returns whether it is a probe of one that was held back */
  chosen(kind: KindRecord, agentId: string): boolean {
    const isProbe = kind.chosen(agentId, this.#options.clock.monotonic());
    if (isProbe) this.#changed(kind, new Map(), untils(kind));
    return isProbe;
  }

  #warmed({ org }: KindRecord, { agentId, outcome, ended }: Attempt, affinity: string | null): void {
    if (affinity !== null && outcome === 'SUCCEEDED') this.warm.used(org, affinity, agentId, ended);
  }

  #judge(kind: KindRecord): void {
    const { clock, log } = this.#options;
    const count = kind.judge(clock.monotonic());
    if (!count) return;
    const fields = { org: kind.org, kind: kind.kind, agents: count.tried, failing: count.failing };
    if (kind.suspect) log.warn(fields, 'most agents fail this kind of task; none is held back for it');
    else log.info(fields, 'most agents do well at this kind of task again');
  }

  #changed(kind: KindRecord, before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): void {
    const { clock, onHoldsChanged } = this.#options;
    const now = clock.monotonic();
    for (const [agentId, until] of after) {
      // A hold that is over has to be looked at once: the lanes it parked are to be had again.
      if (until > now && before.get(agentId) !== until) this.#lookAt(until, kind);
    }
    onHoldsChanged(kind);
  }

  /** A timer may come a little early. */
  #lookAt(until: number, kind: KindRecord): void {
    const { clock, onHoldsChanged } = this.#options;
    clock.after(Math.ceil(until - clock.monotonic()), () => {
      if (clock.monotonic() < until) this.#lookAt(until, kind);
      else onHoldsChanged(kind);
    });
  }
}

function untils(kind: KindRecord): Map<string, number> {
  return new Map([...kind.holds()].map(({ agentId, until }) => [agentId, until]));
}
