import type { AgentEntry, AgentIntent, AgentStatus, LoadReport } from '../domain/agents/agent.js';
import { type HealthRules, type Heartbeats, healthScore, isStale } from '../domain/agents/health.js';
import type { AgentView, InstanceView } from '../ports/fleet.js';

/** An agent's health and willingness. */
export interface Standing {
  readonly health: number;
  readonly intent: AgentIntent;
}

/** What a coordinator keeps of an agent. */
export interface Member {
  entry: AgentEntry;
  /** Counts the changes of entries: what was read before the last one is older. */
  version: number;
  heartbeats: Heartbeats;
  load: LoadReport | null;
  /** It was heard last by this coordinator, not by another. */
  heardHere: boolean;
  /** What the index was last told; `null`: nothing, or another coordinator may have told it since. */
  told: Standing | null;
  /** Since when the index has something else than it was told, monotonic, ms; `null`: it has not. */
  doubtedAt: number | null;
  /** As watches were last told. */
  shown: Standing | null;
  /** It has drained and gone, and was not heard of since. */
  hasLeft: boolean;
  /** Heard of since the record was last touched. */
  dirty: boolean;
}

/** @param now as of when what was heard of it counts, ms since the epoch */
export function viewOf(
  { entry, heartbeats, load, hasLeft }: Member,
  instances: readonly InstanceView[],
  now: number,
  rules: HealthRules,
): AgentView {
  const sum = (of: (i: InstanceView) => number) => instances.reduce((n, i) => n + of(i), 0);
  const slots = sum((i) => i.slots);
  const inFlight = sum((i) => i.inFlight);
  return {
    entry,
    status: statusOf(entry, {
      left: hasLeft && instances.length === 0,
      draining: instances.length > 0 && instances.every((i) => i.draining),
      stale: isStale(heartbeats, now, rules),
      busy: slots > 0 && inFlight >= slots,
    }),
    healthScore: healthScore(heartbeats, now, rules),
    lastHeartbeatTime: heartbeats.last,
    load,
    inFlight,
    slots,
    // What it asks for, it does not get.
    credit: intentOf(entry) === 'ACTIVE' ? sum((i) => i.credit) : 0,
    instances,
  };
}

export function standingOf({ entry, heartbeats }: Member, now: number, rules: HealthRules): Standing {
  return { health: healthScore(heartbeats, now, rules), intent: intentOf(entry) };
}

export function isSameStanding(a: Standing | null, b: Standing): boolean {
  return a?.health === b.health && a.intent === b.intent;
}

/** Whether two readings of the record say the same, but for when the agent was heard of. */
export function isSameEntry(a: AgentEntry, b: AgentEntry): boolean {
  return (
    a.intent === b.intent &&
    a.deregisterTime === b.deregisterTime &&
    JSON.stringify(a.spec) === JSON.stringify(b.spec)
  );
}

interface Seen {
  readonly left: boolean;
  readonly draining: boolean;
  readonly stale: boolean;
  readonly busy: boolean;
}

function statusOf(entry: AgentEntry, seen: Seen): AgentStatus {
  const intent = intentOf(entry);
  if (intent !== 'ACTIVE') return intent;
  if (seen.left) return 'INACTIVE';
  if (seen.stale) return 'STALE';
  if (seen.draining) return 'DRAINING';
  return seen.busy ? 'BUSY' : 'ACTIVE';
}

function intentOf({ intent, deregisterTime }: AgentEntry): AgentIntent {
  return deregisterTime === null ? intent : 'INACTIVE';
}
