import { unavailable } from '../domain/errors.js';
import { type KeyLimits, limitOf, limitsAnything } from '../domain/limits/org-limits.js';
import type { OrderTerms } from '../matching/order-terms.js';
import type { Clock } from '../ports/clock.js';
import type { RecentStart, RunningTask } from '../ports/ready-index.js';
import type { KnownOrder } from './known-order.js';
import { partOf } from './lane-names.js';
import type { Operation } from './operations.js';
import { limitsOperation, toOperation } from './told-limits.js';

export interface OrgLimitsToldOptions {
  readonly org: string;
  readonly orderTerms: OrderTerms;
  /** What the index is called. */
  readonly life: () => string;
  /** What Redis knows, as of the last step. */
  readonly told: () => Pick<KnownOrder, 'version' | 'isReady'>;
  readonly write: (operations: readonly Operation[]) => Promise<void>;
  /** How many operations wait to be written. */
  readonly backlog: () => number;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly onUnready: () => void;
}

/** What was told and is not known to Redis after so long is told anew: operations may be given up. */
const AGAIN_MS = 10_000;
/** So much is written before the next is. */
const PART = 1_000;
/** Of more that waits some may be given up: Redis does not keep up. */
const MAX_BACKLOG = 20_000;

/** Sees to it that Redis knows what an organisation limits, and what runs of it. */
export class OrgLimitsTold {
  readonly #options: OrgLimitsToldOptions;
  /** What was told last, to which index. */
  readonly #told = new ToldOnce();
  /** The index that what runs was asked for. */
  readonly #asked = new ToldOnce();

  constructor(options: OrgLimitsToldOptions) {
    this.#options = options;
  }

  /** Of the limits that have to be kept; 0: nothing is limited. */
  get version(): number {
    const limits = this.#options.orderTerms.limitsOf(this.#options.org);
    return limitsAnything(limits) ? limits.version : 0;
  }

  /** To be called after each step, and whenever something was set. */
  compare(): void {
    const { org, orderTerms, life, told, onUnready, clock } = this.#options;
    const now = clock.monotonic();
    const limits = orderTerms.limitsOf(org);
    const { version, isReady } = told();
    if (limits.version > version && life() !== '') {
      const weights = orderTerms.weightsOf(org);
      const operation = version > 0 ? toOperation(limits, weights) : limitsOperation(limits, weights);
      if (operation && this.#told.isDue(`${life()} ${limits.version}`, now)) {
        void this.#options.write([operation]);
      }
    }
    if (isReady) this.#asked.forget();
    else if (this.#asked.isDue(life(), now)) onUnready();
  }

  /** @throws UNAVAILABLE (INDEX_UNAVAILABLE) */
  async setRunning(running: readonly RunningTask[], starts: readonly RecentStart[]): Promise<void> {
    const { life, write, backlog, orderTerms, org } = this.#options;
    const index = life();
    const { keys } = orderTerms.limitsOf(org);
    const operations = [...running.map(toRunning), ...toStarted(starts, keys)];
    for (let at = 0; at < operations.length; at += PART) {
      await write(operations.slice(at, at + PART));
      if (backlog() > MAX_BACKLOG)
        throw unavailable('INDEX_UNAVAILABLE', 'what runs could not be told to Redis');
    }
    await write([{ op: 'ready', life: index }]);
  }
}

/** Whether something is to be said: once, and again after a while. */
class ToldOnce {
  #what = '';
  #at = 0;

  isDue(what: string, now: number): boolean {
    if (this.#what === what && now - this.#at < AGAIN_MS) return false;
    this.#what = what;
    this.#at = now;
    return true;
  }

  forget(): void {
    this.#what = '';
  }
}

/** It counts against everything that may be limited, and is charged to nobody: of that nothing is known any more. */
function toRunning({ taskId, tier, kind, agentId, band, requirements, epoch, seq }: RunningTask): Operation {
  const isOther = band === 'OTHER';
  const use = `0 ${isOther ? 'Oo' : 'H'}b - ${partOf(requirements.keys).slice(1)}`;
  return { op: 'running', id: taskId, t: tier, k: kind, agent: agentId, use, e: epoch, s: seq };
}

/**
 * The newest starts of each limit, as many as its rate looks at. Those of one time are told apart by their number, so
 * that whoever tells of them says the same.
 */
function toStarted(starts: readonly RecentStart[], keys: KeyLimits): readonly Operation[] {
  const told: Operation[] = [];
  const left = new Map<string, number>();
  const numbers = new Map<string, number>();
  for (const { limits, time, count } of [...starts].sort((a, b) => b.time - a.time)) {
    for (const limit of limits) {
      const room = left.get(limit) ?? limitOf(keys, limit)?.rate?.count ?? 0;
      const counted = Math.min(room, count);
      left.set(limit, room - counted);
      const first = numbers.get(`${limit} ${time}`) ?? 0;
      numbers.set(`${limit} ${time}`, first + counted);
      for (let n = first; n < first + counted; n += 1) {
        told.push({ op: 'started', limit, name: `${time}/${n}`, time });
      }
    }
  }
  return told;
}
