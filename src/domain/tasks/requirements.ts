import type { AgentType } from '../agents/agent.js';
import type { Place } from '../agents/location.js';
import type { Route } from '../routing/route.js';
import type { StrategyName } from '../selection/strategy-name.js';
import type { TaskKeys } from './keys.js';

/** Which agents are eligible for a task; see `Requirements` in task_spec.proto. */
export interface Requirements {
  readonly agentType: AgentType | null;
  /** Sorted, distinct; never empty: a task that names none requires its kind. */
  readonly capabilities: readonly string[];
  readonly services: readonly string[];
  readonly tags: readonly string[];
  readonly region: string | null;
  /** `null`: the server's threshold. */
  readonly minHealth: number | null;
  readonly agentId: string | null;
  /** Where it would best be done; it excludes nobody. */
  readonly prefer: Place | null;
  /** Roles that its subject holds; sorted, distinct. What counts is `pool`, which was made from it. */
  readonly roles: readonly string[];
  /** The candidate pool that its subject belongs to, see `poolText`. `null`: any subject will do. */
  readonly pool: string | null;
  /** By which strategy one of the eligible is chosen. `null`: its organisation's. */
  readonly balancing: StrategyName | null;
  /** Where it goes if its agent is found otherwise; no part of what agents must meet. */
  readonly route: Route | null;
  /** What it shares with other tasks; no part of what agents must meet. `null`: nothing. */
  readonly keys: TaskKeys | null;
}

/** Of a task that asks for nothing. */
export const NO_REQUIREMENTS: Requirements = {
  agentType: null,
  capabilities: [],
  services: [],
  tags: [],
  region: null,
  minHealth: null,
  agentId: null,
  prefer: null,
  roles: [],
  pool: null,
  balancing: null,
  route: null,
  keys: null,
};

/** How many kinds are kept in mind. */
const MAX_KINDS = 1_000;
const ofKinds = new Map<string, Requirements>();
const signatures = new WeakMap<Requirements, string>();

/** Of tasks that name no requirements: one object a kind, whose signature is made once. */
export function requirementsOfKind(kind: string): Requirements {
  const known = ofKinds.get(kind);
  if (known) return known;
  const made: Requirements = { ...NO_REQUIREMENTS, capabilities: [kind] };
  if (ofKinds.size >= MAX_KINDS) ofKinds.clear();
  ofKinds.set(kind, made);
  signatures.set(made, signatureOf(made));
  return made;
}

/** The same of a task that shares something with others, which is no part of the signature. */
export function withKeys(requirements: Requirements, keys: TaskKeys): Requirements {
  const made = { ...requirements, keys };
  signatures.set(made, signatureOf(requirements));
  return made;
}

/**
 * What agents must meet, as one string, equal for equal requirements: tasks with the same
 * signature and tier share a lane. What is only preferred is no part of it.
 */
export function signatureOf(r: Requirements): string {
  const known = signatures.get(r);
  if (known !== undefined) return known;
  const parts = [
    r.agentType ?? '',
    r.capabilities,
    r.services,
    r.tags,
    r.region ?? '',
    r.minHealth ?? '',
    r.agentId ?? '',
  ];
  // Most tasks have neither, and keep the lanes that earlier versions gave them.
  if (r.pool !== null || r.balancing !== null) parts.push(r.pool ?? '', r.balancing ?? '');
  return JSON.stringify(parts);
}
