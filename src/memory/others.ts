import type { InstanceView } from '../ports/fleet.js';
import type { PresencePicture, PresenceStep, SeenInstance } from '../ports/relay.js';

/** Own echoes without a word from a coordinator after which it counts as gone; one a second. */
const MAX_MISSED = 4;
/** Echoes between two requests for the whole picture. */
const ASK_AGAIN = 2;

interface Other {
  /** Of the last step that was followed; `null`: the picture is not known. */
  seq: number | null;
  instances: ReadonlyMap<string, SeenInstance>;
  /** Parts of a picture that have come. */
  arriving: Map<string, SeenInstance>;
  missed: number;
  /** Echoes until the picture may be asked for again. */
  askIn: number;
}

export interface OthersOptions {
  /** Told of agents whose processes elsewhere have changed. */
  readonly onInstances: (org: string, agentId: string) => void;
  /** Told when a coordinator is heard of for the first time, and when it has ended or was silent for too long. */
  readonly onCoordinator: (coordinatorId: string, isThere: boolean) => void;
  /** Asks a coordinator for its whole picture. */
  readonly ask: (coordinatorId: string) => void;
}

/** The processes of agents that other coordinators hold, as those have said. */
export class Others {
  readonly #options: OthersOptions;
  readonly #others = new Map<string, Other>();
  readonly #byAgent = new Map<string, Map<string, InstanceView>>();

  constructor(options: OthersOptions) {
    this.#options = options;
  }

  /** How many coordinators are heard of. */
  get size(): number {
    return this.#others.size;
  }

  instancesOf(org: string, agentId: string): Iterable<InstanceView> {
    return this.#byAgent.get(`${org}/${agentId}`)?.values() ?? [];
  }

  step(from: string, { seq, put, gone }: PresenceStep): void {
    const other = this.#heard(from, seq === 1 ? 0 : null);
    if (other.seq === null || seq !== other.seq + 1) {
      this.#ask(from, other);
      return;
    }
    other.seq = seq;
    if (put.length === 0 && gone.length === 0) return;
    const instances = new Map(other.instances);
    for (const sessionId of gone) instances.delete(sessionId);
    for (const seen of put) instances.set(seen[2].sessionId, seen);
    this.#replace(other, instances);
  }

  picture(from: string, { seq, isFirst, isLast, instances }: PresencePicture): void {
    const other = this.#heard(from, null);
    if (isFirst) other.arriving = new Map();
    for (const seen of instances) other.arriving.set(seen[2].sessionId, seen);
    if (!isLast) return;
    other.seq = seq;
    this.#replace(other, other.arriving);
    other.arriving = new Map();
  }

  /** A coordinator has ended. */
  gone(from: string): void {
    const other = this.#others.get(from);
    if (!other) return;
    this.#others.delete(from);
    this.#replace(other, new Map());
    this.#options.onCoordinator(from, false);
  }

  /** Messages come through: whoever has said nothing for some of these is gone. */
  echoed(): void {
    for (const [id, other] of [...this.#others]) {
      other.missed += 1;
      other.askIn -= 1;
      if (other.missed > MAX_MISSED) this.gone(id);
    }
  }

  #heard(from: string, seq: number | null): Other {
    const known = this.#others.get(from);
    if (known) {
      known.missed = 0;
      return known;
    }
    const other: Other = { seq, instances: new Map(), arriving: new Map(), missed: 0, askIn: 0 };
    this.#others.set(from, other);
    this.#options.onCoordinator(from, true);
    return other;
  }

  #ask(from: string, other: Other): void {
    other.seq = null;
    if (other.askIn > 0) return;
    other.askIn = ASK_AGAIN;
    this.#options.ask(from);
  }

  #replace(other: Other, instances: ReadonlyMap<string, SeenInstance>): void {
    const touched = new Map<string, SeenInstance>();
    for (const [sessionId, seen] of other.instances) {
      if (instances.get(sessionId) === seen) continue;
      const [org, agentId] = seen;
      const key = `${org}/${agentId}`;
      touched.set(key, seen);
      const ofAgent = this.#byAgent.get(key);
      ofAgent?.delete(sessionId);
      if (ofAgent?.size === 0) this.#byAgent.delete(key);
    }
    for (const [sessionId, seen] of instances) {
      if (other.instances.get(sessionId) === seen) continue;
      const [org, agentId, instance] = seen;
      const key = `${org}/${agentId}`;
      touched.set(key, seen);
      const ofAgent = this.#byAgent.get(key) ?? new Map<string, InstanceView>();
      this.#byAgent.set(key, ofAgent.set(sessionId, instance));
    }
    other.instances = instances;
    for (const [org, agentId] of touched.values()) this.#options.onInstances(org, agentId);
  }
}
