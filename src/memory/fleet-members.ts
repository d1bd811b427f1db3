import type { AgentEntry } from '../domain/agents/agent.js';
import { NO_HEARTBEATS } from '../domain/agents/health.js';
import type { Member } from './fleet-member.js';

/** The agents of all organisations. */
export class FleetMembers {
  readonly #orgs = new Map<string, Map<string, Member>>();
  readonly #hasOthers: boolean;
  #version = 0;

  /** @param hasOthers there are other coordinators, which may hear an agent before this one does */
  constructor(hasOthers: boolean) {
    this.#hasOthers = hasOthers;
  }

  /** Counts changes of entries. */
  get version(): number {
    return this.#version;
  }

  get(org: string, agentId: string): Member | undefined {
    return this.#orgs.get(org)?.get(agentId);
  }

  /** In the order of their ids. */
  idsAfter(org: string, agentId: string): readonly string[] {
    return [...(this.#orgs.get(org)?.keys() ?? [])].filter((id) => id > agentId).sort();
  }

  *[Symbol.iterator](): Generator<Member> {
    for (const members of this.#orgs.values()) yield* members.values();
  }

  /** Keeps what the record holds of an agent. */
  put(entry: AgentEntry): Member {
    const members = this.#orgs.get(entry.org) ?? new Map<string, Member>();
    this.#orgs.set(entry.org, members);
    const version = ++this.#version;
    const known = members.get(entry.spec.agentId);
    if (known) {
      known.entry = entry;
      known.version = version;
      return known;
    }
    const member: Member = {
      entry,
      version,
      heartbeats: NO_HEARTBEATS,
      load: null,
      heardHere: !this.#hasOthers,
      told: null,
      doubtedAt: null,
      shown: null,
      hasLeft: false,
      dirty: false,
    };
    members.set(entry.spec.agentId, member);
    return member;
  }
}
