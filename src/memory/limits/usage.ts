import type { FullLimit } from '../../domain/limits/full-limit.js';
import { weightOf } from '../../domain/limits/weights.js';
import { bandInTurn } from '../../domain/order/share.js';
import { DEFAULT_EXPECTED_MS } from '../../domain/order/turns.js';
import type { TaskKeys } from '../../domain/tasks/keys.js';
import type { Band } from '../../domain/tasks/source.js';
import { NO_ORDER_TERMS, type OrderTerms } from '../../matching/order-terms.js';
import type { Clock } from '../../ports/clock.js';
import type { ExpectedDurations } from '../../ports/expected-durations.js';
import type { RecentStart } from '../../ports/ready-index.js';
import type { Entry } from '../entry.js';
import type { Charged } from '../fairness/charged.js';
import { limitsAgainst } from './against.js';
import type { KeyUse } from './key-use.js';
import { OrgUse } from './org-use.js';

/** What is counted of a task that is reserved or with an agent. */
export interface TaskUse {
  readonly org: string;
  readonly agentId: string;
  readonly band: Band;
  /** How long it is expected to take, in ms. */
  readonly expectedMs: number;
  /** When its agent was chosen: ms, monotonic. */
  readonly began: number;
  /** The other band had something to give out too. */
  readonly isContended: boolean;
  /** It was given out on the share that the rest keeps, before people's. */
  readonly onShare: boolean;
  /** Limits that it counts against, each with its start. */
  readonly keys: readonly { readonly use: KeyUse; readonly start: number }[];
  /** Whose turn it was, and what that was charged; `null`: nobody took turns. */
  readonly turn: { readonly account: Charged; readonly weight: number } | null;
}

export interface UsageOptions {
  readonly clock: Clock;
  readonly orderTerms?: OrderTerms;
  readonly durations?: Pick<ExpectedDurations, 'of'>;
  readonly slotsOf: (org: string) => number;
  /** Told of an organisation of which something may go that could not, or no longer. */
  readonly onChanged: (org: string) => void;
  /** Told of one that limits something, and of which it is not known what runs. */
  readonly onUnready: (org: string) => void;
}

/** What a task is given out by. */
export interface Given {
  readonly org: string;
  readonly kind: string;
  readonly band: Band;
  readonly keys: TaskKeys | null;
  readonly isContended: boolean;
  /** Of its fairness key, where tasks of several take turns. */
  readonly account: Charged | null;
}

const NO_KEYS: TaskUse['keys'] = [];

/** What is with agents, by organisation: that it counts, and that no more is given out than is let be. */
export class Usage {
  readonly #options: UsageOptions;
  readonly #terms: OrderTerms;
  readonly #orgs = new Map<string, OrgUse>();

  constructor(options: UsageOptions) {
    this.#options = options;
    this.#terms = options.orderTerms ?? NO_ORDER_TERMS;
  }

  of(org: string): OrgUse {
    const known = this.#orgs.get(org);
    if (known) return known;
    const made = new OrgUse(org, this.#options.clock, () => this.#options.slotsOf(org));
    made.limits = this.#terms.limitsOf(org);
    this.#orgs.set(org, made);
    if (made.isUnready) this.#options.onUnready(org);
    return made;
  }

  isOpen(org: string, band: Band): boolean {
    return this.of(org).isOpen(band);
  }

  bandFirst(org: string): Band {
    return bandInTurn(this.of(org).share, this.#terms.restShareOf(org));
  }

  /** Whether limits that a task names have room. */
  hasRoom(org: string, keys: TaskKeys | null): boolean {
    const use = this.of(org);
    return keys === null || keys.limits.every((key) => use.keyUse(key).room() > 0);
  }

  /** The limits that keep a task from being given out now. */
  against({ lane: { band, group }, keys }: Entry): readonly FullLimit[] {
    const { free, eligible, org } = group;
    const isBarred =
      free.size === 0 && [...eligible].some((one) => one.agent.isBarred && one.granted > one.assigned);
    return limitsAgainst(this.of(org), { band, keys, isBarred }, this.#options.clock);
  }

  /** An agent was chosen for a task. */
  begin(agentId: string, { org, kind, band, keys, isContended, account }: Given): TaskUse {
    const { clock, durations } = this.#options;
    const use = this.of(org);
    const expectedMs = durations?.of(org, kind) ?? DEFAULT_EXPECTED_MS;
    use.count(band, agentId, 1);
    if (isContended) use.charge(band, expectedMs);
    const weight = account ? weightOf(this.#terms.weightsOf(org), account.key) : 1;
    const begun: TaskUse = {
      org,
      agentId,
      band,
      expectedMs,
      isContended,
      began: clock.monotonic(),
      onShare: isContended && band === 'OTHER',
      keys: this.#beginKeys(use, keys),
      turn: account && { account, weight },
    };
    account?.charge(expectedMs / weight);
    this.#changed(use, isContended);
    return begun;
  }

  /** What runs from before; nothing is charged for it. */
  add(agentId: string, { org, band, keys }: Pick<Given, 'org' | 'band' | 'keys'>): TaskUse {
    const use = this.of(org);
    use.count(band, agentId, 1);
    const began = this.#options.clock.monotonic();
    const counted = this.#beginKeys(use, keys);
    // Its start is told apart from it.
    for (const { use: key, start } of counted) key.giveBack(start);
    const common = { isContended: false, onShare: false, turn: null, expectedMs: 0 };
    return { ...common, org, agentId, band, began, keys: counted };
  }

  /** What runs of the rest keeps its slot on the share of that. */
  putOnShare(use: TaskUse): TaskUse {
    const { org, band, expectedMs, isContended } = use;
    if (!isContended) this.of(org).charge(band, expectedMs);
    this.#changed(this.of(org), true);
    return { ...use, isContended: true, onShare: true };
  }

  /** It is over: what was expected of it is put right. */
  end(use: TaskUse): void {
    this.#leave(use, this.#options.clock.monotonic() - use.began - use.expectedMs);
  }

  /** Nothing came of its reservation. */
  undo(use: TaskUse): void {
    for (const { use: key, start } of use.keys) key.giveBack(start);
    this.#leave(use, -use.expectedMs);
  }

  /** The limits of an organisation may be others. */
  limitsChanged(org: string): void {
    const use = this.of(org);
    const limits = this.#terms.limitsOf(org);
    if (limits === use.limits) return;
    use.setLimits(limits);
    if (use.isUnready) this.#options.onUnready(org);
    this.#options.onChanged(org);
  }

  /** What runs is known. */
  setReady(org: string, starts: readonly RecentStart[]): void {
    const use = this.of(org);
    const { clock } = this.#options;
    if (!use.isReady) {
      for (const { limits, time, count } of [...starts].sort((a, b) => a.time - b.time)) {
        const at = Math.min(0, time - clock.now()) + clock.monotonic();
        for (const key of limits) use.keyUse(key).started(at, count);
      }
    }
    use.setReady();
    this.#options.onChanged(org);
  }

  #beginKeys(use: OrgUse, keys: TaskKeys | null): TaskUse['keys'] {
    if (keys === null || keys.limits.length === 0) return NO_KEYS;
    return keys.limits.map((key) => {
      const ofKey = use.keyUse(key);
      return { use: ofKey, start: ofKey.begin() };
    });
  }

  #leave({ org, band, agentId, isContended, keys, turn }: TaskUse, ms: number): void {
    const use = this.of(org);
    use.count(band, agentId, -1);
    if (isContended) use.charge(band, ms);
    turn?.account.charge(ms / turn.weight);
    for (const { use: key } of keys) key.end();
    for (const { use: key } of keys) key.tellRoom();
    this.#changed(use, isContended);
  }

  /** Where nothing is limited and nobody contends there is nothing to tell. */
  #changed(use: OrgUse, isContended: boolean): void {
    if (use.isLimited || isContended) this.#options.onChanged(use.org);
  }
}
