import type { LoadReport } from '../domain/agents/agent.js';
import type { Clock } from '../ports/clock.js';
import type { InstanceView } from '../ports/fleet.js';
import type { AgentKey, Beat, Relay, SeenInstance } from '../ports/relay.js';
import type { FleetElsewhere, MemoryFleet } from './fleet.js';
import { Others } from './others.js';

const EVERY_MS = 1_000;
/** Without an echo for so long, nobody can be heard. */
const DEAF_MS = 3_500;
/** Processes, and heartbeats, that one message tells of at most. */
const AT_ONCE = 500;

export interface PresenceOptions {
  readonly relay: Relay;
  readonly clock: Clock;
  /** The connected processes of an agent that this coordinator holds. */
  readonly ownOf: (org: string, agentId: string) => readonly InstanceView[];
  /** Told of agents whose processes elsewhere have changed. */
  readonly onInstances: (org: string, agentId: string) => void;
  /** Told what others see and hear of agents. */
  readonly fleet: () => Pick<
    MemoryFleet,
    'seenElsewhere' | 'heardElsewhere' | 'leftElsewhere' | 'reload' | 'load'
  >;
  /** Told when another coordinator is first heard of, and when it is gone. */
  readonly onCoordinator: (coordinatorId: string, isThere: boolean) => void;
  /** Told that the record could not be read for what was changed elsewhere. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * What coordinators tell each other of the processes of agents they hold: once a second what has
 * changed, all of it to whoever asks. Whoever says nothing while messages come through, which
 * each hears by an echo of its own, is gone within 5 s. While they do not, all stays as known.
 */
export class Presence implements FleetElsewhere {
  readonly #options: PresenceOptions;
  readonly #others: Others;
  readonly #dirty = new Map<string, AgentKey>();
  /** What others were told, by agent and session. */
  readonly #told = new Map<string, ReadonlyMap<string, { seen: SeenInstance; text: string }>>();
  /** Since the last step; with when they came, monotonic, in place of how long ago. */
  #beats = new Map<string, Beat>();
  #left: AgentKey[] = [];
  /** Agents whose entries were changed here, with the tick since which others should know. */
  readonly #changedEntries = new Map<string, { readonly key: AgentKey; readonly tick: number }>();
  #seq = 0;
  #ticks = 0;
  /** Sent and not come back. */
  #echoes = 0;
  #echoedAt: number;
  #echoTime: number;
  #stopTimer: (() => void) | null = null;

  constructor(options: PresenceOptions) {
    this.#options = options;
    const { relay, clock, fleet, onCoordinator, onFailure } = options;
    this.#echoedAt = clock.monotonic();
    this.#echoTime = clock.now();
    this.#others = new Others({
      onInstances: (org, agentId) => this.#seen(org, agentId),
      onCoordinator,
      ask: (id) => relay.send('ask-picture', {}, id),
    });
    relay.on('presence', (step, from) => {
      for (const beat of step.beats) fleet().heardElsewhere(beat);
      this.#others.step(from, step);
      for (const [org, agentId] of step.left) fleet().leftElsewhere(org, agentId);
    });
    relay.on('picture', (picture, from) => this.#others.picture(from, picture));
    relay.on('ask-picture', (_, from) => this.#sendPicture(from));
    relay.on('bye', (_, from) => this.#others.gone(from));
    relay.on('agents', (keys) => void fleet().reload(keys).catch(onFailure));
    relay.on('echo', (_, from) => {
      if (from === relay.coordinatorId) this.#echoed();
    });
  }

  /** Begins to tell, and asks the others what they hold. */
  start(): void {
    if (this.#stopTimer) return;
    this.#options.relay.send('ask-picture', {});
    this.#tick();
  }

  /** Says that this coordinator holds nothing any more. */
  stop(): void {
    if (!this.#stopTimer) return;
    this.#stopTimer();
    this.#stopTimer = null;
    this.#options.relay.send('bye', {});
  }

  /** Who is connected of an agent, or what they hold, may have changed here. */
  changed(org: string, agentId: string): void {
    this.#dirty.set(`${org}/${agentId}`, [org, agentId]);
  }

  /** The connected processes of an agent, here and elsewhere. */
  instancesOf(org: string, agentId: string): readonly InstanceView[] {
    const own = this.#options.ownOf(org, agentId);
    return this.#others.size === 0 ? own : onceEach([...own, ...this.#others.instancesOf(org, agentId)]);
  }

  asOf(): number {
    const { clock } = this.#options;
    return clock.monotonic() - this.#echoedAt > DEAF_MS ? this.#echoTime : clock.now();
  }

  beat(org: string, agentId: string, load: LoadReport | null, isNew: boolean): void {
    const key = `${org}/${agentId}`;
    const known = this.#beats.get(key);
    const at = this.#options.clock.monotonic();
    this.#beats.set(key, [org, agentId, load ?? known?.[2] ?? null, isNew || (known?.[3] ?? false), at]);
  }

  left(org: string, agentId: string): void {
    this.#left.push([org, agentId]);
    this.changed(org, agentId);
  }

  entryChanged(org: string, agentId: string): void {
    const key: AgentKey = [org, agentId];
    this.#changedEntries.set(`${org}/${agentId}`, { key, tick: this.#ticks });
    this.#options.relay.send('agents', [key]);
  }

  #seen(org: string, agentId: string): void {
    const { fleet, onInstances, onFailure } = this.#options;
    const isThere = [...this.#others.instancesOf(org, agentId)].length > 0;
    if (isThere && !fleet().seenElsewhere(org, agentId)) {
      fleet()
        .reload([[org, agentId]])
        .catch(onFailure);
    }
    onInstances(org, agentId);
  }

  /** What this coordinator said to itself came back: messages come through, unless some did not. */
  #echoed(): void {
    const { relay, clock, fleet, onFailure } = this.#options;
    const someAreLost = this.#echoes > 1;
    this.#echoes = 0;
    this.#echoedAt = clock.monotonic();
    this.#echoTime = clock.now();
    if (someAreLost) {
      fleet().load().catch(onFailure);
      const keys = [...this.#changedEntries.values()].map(({ key }) => key);
      for (let at = 0; at < keys.length; at += AT_ONCE) relay.send('agents', keys.slice(at, at + AT_ONCE));
    } else {
      for (const [name, { tick }] of this.#changedEntries) {
        if (tick < this.#ticks) this.#changedEntries.delete(name);
      }
    }
    this.#others.echoed();
  }

  #tick(): void {
    const { relay, clock } = this.#options;
    this.#stopTimer = clock.after(EVERY_MS, () => this.#tick());
    const { put, gone } = this.#changes();
    const now = clock.monotonic();
    const beats = [...this.#beats.values()].map(
      ([org, agentId, load, isNew, at]): Beat => [org, agentId, load, isNew, now - at],
    );
    const left = this.#left;
    this.#beats = new Map();
    this.#left = [];
    let isLast = false;
    for (let at = 0; !isLast; at += AT_ONCE) {
      const to = at + AT_ONCE;
      isLast = put.length <= to && gone.length <= to && beats.length <= to;
      relay.send('presence', {
        seq: ++this.#seq,
        put: put.slice(at, to),
        gone: gone.slice(at, to),
        beats: beats.slice(at, to),
        left: isLast ? left : [],
      });
    }
    this.#ticks += 1;
    this.#echoes += 1;
    relay.send('echo', {}, relay.coordinatorId);
  }

  /** What others have not been told of yet. */
  #changes(): { readonly put: readonly SeenInstance[]; readonly gone: readonly string[] } {
    const put: SeenInstance[] = [];
    const gone: string[] = [];
    for (const [key, [org, agentId]] of this.#dirty) {
      const before = this.#told.get(key);
      const now = new Map<string, { seen: SeenInstance; text: string }>();
      for (const instance of this.#options.ownOf(org, agentId)) {
        const seen: SeenInstance = [org, agentId, instance];
        const text = JSON.stringify(instance);
        now.set(instance.sessionId, { seen, text });
        if (before?.get(instance.sessionId)?.text !== text) put.push(seen);
      }
      for (const sessionId of before?.keys() ?? []) if (!now.has(sessionId)) gone.push(sessionId);
      if (now.size > 0) this.#told.set(key, now);
      else this.#told.delete(key);
    }
    this.#dirty.clear();
    return { put, gone };
  }

  /** As of the last step, so that the next one follows it. */
  #sendPicture(to: string): void {
    const all = [...this.#told.values()].flatMap((ofAgent) => [...ofAgent.values()].map(({ seen }) => seen));
    for (let at = 0; at === 0 || at < all.length; at += AT_ONCE) {
      this.#options.relay.send(
        'picture',
        {
          seq: this.#seq,
          isFirst: at === 0,
          isLast: at + AT_ONCE >= all.length,
          instances: all.slice(at, at + AT_ONCE),
        },
        to,
      );
    }
  }
}

/**
 * A process is one, wherever it has been seen: its newest stream is the one that counts, and what
 * asks call by call may do so at several coordinators, which hold a part each.
 */
function onceEach(instances: readonly InstanceView[]): readonly InstanceView[] {
  const byKey = new Map<string, InstanceView>();
  for (const instance of instances) {
    const known = byKey.get(instance.instanceKey);
    const [older, newer] =
      !known || known.connectTime > instance.connectTime ? [instance, known] : [known, instance];
    if (!newer) byKey.set(instance.instanceKey, instance);
    else if (older.polls && newer.polls) {
      const { inFlight, credit } = older;
      byKey.set(newer.instanceKey, {
        ...newer,
        inFlight: newer.inFlight + inFlight,
        credit: newer.credit + credit,
      });
    } else byKey.set(newer.instanceKey, newer);
  }
  return [...byKey.values()];
}
