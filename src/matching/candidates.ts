import type { Ineligibility } from '../domain/agents/eligibility.js';
import type { KindRecord } from '../domain/agents/kind-record.js';
import type { Requirements } from '../domain/tasks/requirements.js';
import type { Clock } from '../ports/clock.js';
import type { AgentStanding, CandidateQuery, CandidateSurvey } from '../ports/ready-index.js';
import type { InstanceState } from './instance-state.js';
import type { OrgTerms } from './org-terms.js';

/** What an index has of instances and of how they did. */
export interface Surveyed {
  readonly instances: {
    connected(org: string): ReadonlySet<InstanceState>;
    against(state: InstanceState, requirements: Requirements): readonly Ineligibility[];
  };
  readonly track: { kind(org: string, kind: string): KindRecord };
}

export interface SurveyOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  /** The threshold of organisations that have set none. */
  readonly minHealth: number;
  readonly terms?: OrgTerms;
}

/**
 * Every connected agent of an organisation beside the requirements of a task: what stands against it, what it
 * carries, how it has done on the kind.
 */
export function surveyCandidates(
  { instances: all, track }: Surveyed,
  query: CandidateQuery,
  options: SurveyOptions,
): CandidateSurvey {
  const { org, requirements, eligibleOnly = false, agentId } = query;
  const kind = track.kind(org, query.kind);
  const byAgent = new Map<string, InstanceState[]>();
  for (const state of all.connected(org)) {
    if (agentId !== undefined && state.agentId !== agentId) continue;
    const ofAgent = byAgent.get(state.agentId);
    if (ofAgent) ofAgent.push(state);
    else byAgent.set(state.agentId, [state]);
  }
  let eligible = 0;
  const found: AgentStanding[] = [];
  for (const instances of byAgent.values()) {
    const standing = standingOf(instances, kind, options, (state) => all.against(state, requirements));
    if (standing.against.length === 0) eligible += 1;
    else if (eligibleOnly) continue;
    found.push(standing);
  }
  found.sort(byEligibilityAndLoad);
  const minHealth = options.terms?.minHealthOf(org) ?? options.minHealth;
  return { agents: found.slice(0, query.max), connected: byAgent.size, eligible, minHealth };
}

/** An agent by the process of it that may serve best; what they carry is added up. */
function standingOf(
  instances: readonly InstanceState[],
  kind: KindRecord,
  { clock }: SurveyOptions,
  againstOf: (state: InstanceState) => readonly Ineligibility[],
): AgentStanding {
  const now = clock.monotonic();
  const judged = instances.map((state) => {
    return { state, against: againstOf(state) };
  });
  const best = judged.reduce((a, b) => (b.against.length < a.against.length ? b : a));
  const { spec, agent, agentId } = best.state;
  const sum = (of: (state: InstanceState) => number) => instances.reduce((total, one) => total + of(one), 0);
  const { report, condition } = agent;
  return {
    spec,
    condition,
    against: best.against,
    instances: instances.length,
    slots: sum(({ slots }) => slots),
    inFlight: sum(({ inFlight }) => inFlight),
    credit: sum(({ granted, assigned }) => Math.max(0, granted - assigned)),
    heldBack: kind.anyHeld && kind.isHeld(agentId, now),
    measured: kind.measured(agentId),
    meanMs: kind.meanMs(agentId),
    load: report && report.until > now ? report.load : null,
  };
}

/** Those who may get it before the others; among them the least loaded, then by id. */
function byEligibilityAndLoad(a: AgentStanding, b: AgentStanding): number {
  const order = Number(a.against.length > 0) - Number(b.against.length > 0) || shareOf(a) - shareOf(b);
  if (order !== 0) return order;
  return a.spec.agentId < b.spec.agentId ? -1 : 1;
}

function shareOf({ inFlight, slots }: AgentStanding): number {
  return slots === 0 ? Number.POSITIVE_INFINITY : inFlight / slots;
}
