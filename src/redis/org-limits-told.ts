import { limitsAnything } from '../domain/limits/org-limits.js';
import type { OrderTerms } from '../matching/order-terms.js';
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
  readonly onUnready: () => void;
}

/** Sees to it that Redis knows what an organisation limits, and what runs of it. */
export class OrgLimitsTold {
  readonly #options: OrgLimitsToldOptions;
  /** What was told last, and to which index. */
  #last = '';
  /** The index that what runs was asked for. */
  #unready = '';

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
    const { org, orderTerms, life, told, onUnready } = this.#options;
    const limits = orderTerms.limitsOf(org);
    const { version, isReady } = told();
    const index = `${life()} ${limits.version}`;
    if (limits.version > version && this.#last !== index) {
      const weights = orderTerms.weightsOf(org);
      const operation = version > 0 ? toOperation(limits, weights) : limitsOperation(limits, weights);
      if (operation && life() !== '') {
        this.#last = index;
        void this.#options.write([operation]);
      }
    }
    if (isReady) this.#unready = '';
    else if (this.#unready !== life()) {
      this.#unready = life();
      onUnready();
    }
  }

  async setRunning(running: readonly RunningTask[], starts: readonly RecentStart[]): Promise<void> {
    const { life, write } = this.#options;
    const index = life();
    await write([...running.map(toRunning), ...toStarted(starts), { op: 'ready', life: index }]);
  }
}

/** It counts against everything that may be limited, and is charged to nobody: of that nothing is known any more. */
function toRunning({ taskId, tier, kind, agentId, band, requirements, epoch, seq }: RunningTask): Operation {
  const isOther = band === 'OTHER';
  const use = `0 ${isOther ? 'Oo' : 'H'}b - ${partOf(requirements.keys).slice(1)}`;
  return { op: 'running', id: taskId, t: tier, k: kind, agent: agentId, use, e: epoch, s: seq };
}

/** Those of one limit and time are told apart by their number, so that whoever tells of them says the same. */
function toStarted(starts: readonly RecentStart[]): readonly Operation[] {
  const numbers = new Map<string, number>();
  return starts.flatMap(({ limits, time, count }) =>
    limits.flatMap((limit) => {
      const first = numbers.get(`${limit} ${time}`) ?? 0;
      numbers.set(`${limit} ${time}`, first + count);
      return Array.from({ length: count }, (_, n): Operation => {
        return { op: 'started', limit, name: `${time}/${first + n}`, time };
      });
    }),
  );
}
