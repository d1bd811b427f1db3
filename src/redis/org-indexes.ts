import { randomUUID } from 'node:crypto';
import type { Condition } from '../domain/agents/eligibility.js';
import { NO_ORDER_TERMS } from '../matching/order-terms.js';
import { NO_DURATIONS_KNOWN } from '../ports/expected-durations.js';
import type { Reservation } from '../ports/ready-index.js';
import type { RedisIndexOptions } from './index-options.js';
import { LaneNames } from './lane-names.js';
import type { Operation } from './operations.js';
import { OrgIndex } from './org-index.js';
import { type List, list } from './step.js';

/** How often a coordinator says that it is there, and looks what others have done. */
const LOOK_MS = 1_000;
/** How long a stop waits for what is to be written. */
const STOP_MS = 1_000;
/** Organisations that are asked at once. */
const AT_ONCE = 32;
/** How long the list of all organisations counts. */
const LIST_MS = 1_000;
/** What all organisations share is called by the form of the index too: see `scripts/parts/base.lua`. */
const ORGS = '3:orgs';
const GENERATION = '3:generation';
/** Looks without anything to do after which an organisation is forgotten here. */
const IDLE_LOOKS = 600;
const LINGER_MS = 25;

/** The indexes of all organisations, as far as this coordinator has to do with them. */
export class OrgIndexes {
  readonly #options: RedisIndexOptions;
  readonly #known = new Map<string, OrgIndex>();
  /** Those that may have something to reserve. */
  readonly #ready = new Set<string>();
  readonly #idle = new Map<string, number>();
  #all: { readonly orgs: readonly string[]; readonly at: number } | null = null;
  #generation: string | null = null;
  /** The generation is of this coordinator's making. */
  #isMade = false;
  #stop: () => void = () => undefined;
  onReady: () => void = () => undefined;
  onLost: () => void = () => undefined;
  onUnready: (org: string) => void = () => undefined;
  readonly names = new LaneNames();
  onCondition: (org: string, agentId: string, condition: Condition) => void = () => undefined;

  constructor(options: RedisIndexOptions) {
    this.#options = options;
    options.orderTerms?.onChanged((org) => this.#known.get(org)?.termsChanged());
    options.terms?.onChanged((org) => this.#known.get(org)?.picture.instances.termsChanged(org));
  }

  of(org: string): OrgIndex {
    const known = this.#known.get(org);
    if (known) return known;
    const {
      client,
      coordinatorId: me,
      clock,
      ownTime = false,
      log,
      random,
      strategyOf,
      minHealth,
      terms,
      orderTerms = NO_ORDER_TERMS,
      durations = NO_DURATIONS_KNOWN,
      lingerMs = LINGER_MS,
    } = this.#options;
    const index = new OrgIndex({
      ...{ org, me, client, clock, ownTime, log, random, strategyOf, minHealth, terms, lingerMs },
      ...{ orderTerms, durations, names: this.names, onUnready: () => this.onUnready(org) },
      fresh: randomUUID,
      onRunnable: () => {
        this.#ready.add(org);
        this.onReady();
      },
      onLost: () => this.#lost(),
      onCondition: (agentId, condition) => this.onCondition(org, agentId, condition),
    });
    this.#known.set(org, index);
    this.#enlist(org);
    return index;
  }

  /** Every organisation that the index has something of. */
  async all(): Promise<readonly string[]> {
    const { client, clock } = this.#options;
    const now = clock.monotonic();
    if (this.#all === null || now - this.#all.at >= LIST_MS) {
      const orgs = (await client.call('SMEMBERS', client.sharedKey(ORGS))) as readonly string[];
      this.#all = { orgs, at: now };
    }
    return [...new Set([...this.#all.orgs, ...this.#known.keys()])];
  }

  /** The indexes of one organisation or of all, with pictures that are up to date. */
  async looked(org: string | null): Promise<readonly OrgIndex[]> {
    const indexes = org === null ? (await this.all()).map((one) => this.of(one)) : [this.of(org)];
    await this.#inParts(indexes, (index) => index.look());
    return indexes;
  }

  async reserve(max: number): Promise<readonly Reservation[]> {
    const out: Reservation[] = [];
    const ready = [...this.#ready].slice(0, AT_ONCE);
    for (const org of ready) this.#ready.delete(org);
    const each = Math.max(1, Math.ceil(max / Math.max(1, ready.length)));
    await Promise.all(
      ready.map(async (org) => {
        const index = this.of(org);
        const { mine, more } = await index.reserve(each).catch(() => ({ mine: [], more: false }));
        out.push(...mine);
        if (more) this.#ready.add(org);
      }),
    );
    if (this.#ready.size > 0) this.onReady();
    return out;
  }

  /** Takes out what is due, of all organisations. */
  async take<Taken, T>(
    max: number,
    operation: Operation,
    toItem: (org: string, taken: Taken) => T,
  ): Promise<readonly T[]> {
    const out: T[] = [];
    const orgs = await this.all();
    for (let at = 0; at < orgs.length && out.length < max; at += AT_ONCE) {
      const part = orgs.slice(at, at + AT_ONCE);
      const taken = await Promise.all(part.map((org) => this.of(org).ask([operation])));
      part.forEach((org, i) => {
        for (const one of list(taken[i]?.[0] as List<Taken>)) out.push(toItem(org, one));
      });
    }
    return out;
  }

  /** @returns whether Redis had nothing before */
  async start(): Promise<boolean> {
    const { client, coordinatorId, clock } = this.#options;
    client.onBack(() => void this.#look());
    await client.subscribe(`wake:${coordinatorId}`, (org) => {
      this.of(org);
      this.#ready.add(org);
      this.onReady();
    });
    const again = () => {
      this.#stop = clock.after(LOOK_MS, () => void this.#look().finally(again));
    };
    await this.#look();
    again();
    return this.#isMade;
  }

  /** Writes what waits, for a moment. */
  async stop(): Promise<void> {
    this.#stop();
    const indexes = [...this.#known.values()];
    const written = this.#inParts(indexes, (index) => index.look().catch(() => undefined));
    await Promise.race([written, new Promise<void>((r) => void this.#options.clock.after(STOP_MS, r))]);
    for (const index of indexes) index.close();
  }

  async #look(): Promise<void> {
    await this.#compareGeneration().catch(() => undefined);
    await this.#inParts([...this.#known], async ([org, index]) => {
      await index.look().catch(() => undefined);
      const idle = index.isIdle ? (this.#idle.get(org) ?? 0) + 1 : 0;
      this.#idle.set(org, idle);
      if (idle > IDLE_LOOKS) this.#forget(org, index);
    });
  }

  /** Names the life of the data in Redis; it is gone when that is. */
  async #compareGeneration(): Promise<void> {
    const { client } = this.#options;
    const key = client.sharedKey(GENERATION);
    this.#isMade = (await client.call('SET', key, randomUUID(), 'NX')) !== null;
    const generation = String(await client.call('GET', key));
    if (this.#generation !== null && this.#generation !== generation) this.#lost();
    this.#generation = generation;
  }

  #lost(): void {
    this.#all = null;
    for (const org of this.#known.keys()) this.#enlist(org);
    this.onLost();
  }

  #enlist(org: string): void {
    const { client } = this.#options;
    client.call('SADD', client.sharedKey(ORGS), org).catch(() => undefined);
  }

  #forget(org: string, index: OrgIndex): void {
    index.close();
    this.#known.delete(org);
    this.#idle.delete(org);
    this.#ready.delete(org);
  }

  async #inParts<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
    for (let at = 0; at < items.length; at += AT_ONCE) {
      await Promise.all(items.slice(at, at + AT_ONCE).map(work));
    }
  }
}
