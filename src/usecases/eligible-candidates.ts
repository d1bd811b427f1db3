import type { Ineligibility } from '../domain/agents/eligibility.js';
import { WITHOUT } from '../domain/agents/ineligibility-words.js';
import type { AgentStanding, CandidateQuery, CandidateSurvey } from '../ports/ready-index.js';
import type { Ports } from './ports.js';

type Query = Pick<CandidateQuery, 'org' | 'kind' | 'requirements' | 'max' | 'agentId'>;

/** Agents that are looked at to find those of a pool. */
const MOST_LOOKED_AT = 10_000;

/**
 * The agents that may get a task as things are, busy or not, the least loaded first; of its pool, if it has
 * one. With a pool `eligible` counts no more than were looked at.
 *
 * @throws UNAVAILABLE if the index, or who is in the pool, cannot be read
 */
export async function eligibleCandidates(
  { index, pools }: Pick<Ports, 'index' | 'pools'>,
  { max, ...query }: Query,
): Promise<CandidateSurvey> {
  const { pool } = query.requirements;
  if (pool === null) return index.candidates({ ...query, max, eligibleOnly: true });
  const [members, survey] = await Promise.all([
    pools.members(query.org, pool),
    index.candidates({ ...query, max: MOST_LOOKED_AT, eligibleOnly: true }),
  ]);
  const agents = survey.agents.filter(({ spec }) => members.has(spec.agentId));
  return { ...survey, eligible: agents.length, agents: agents.slice(0, max) };
}

/** In words, why nobody may get a task. */
export async function whyNobody(
  { index, pools }: Pick<Ports, 'index' | 'pools'>,
  query: Omit<Query, 'max'>,
): Promise<string> {
  const { pool } = query.requirements;
  const { agents, connected } = await index.candidates({ ...query, max: 1_000 });
  if (connected === 0) return 'no agent is connected';
  const members = pool === null ? null : await pools.members(query.org, pool);
  const counts = new Map<Ineligibility, number>();
  for (const standing of agents) {
    for (const what of against(standing, members)) counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  const most = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 5);
  const parts = most.map(([what, count]) => `${count} ${WITHOUT[what]}`);
  return `none of ${connected} connected agents may get it: ${parts.join(', ')}`;
}

function against(
  { spec, against: known }: AgentStanding,
  members: ReadonlySet<string> | null,
): readonly Ineligibility[] {
  if (members === null || members.has(spec.agentId) || known.includes('POOL')) return known;
  return [...known, 'POOL'];
}
