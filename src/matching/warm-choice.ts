import { warmChoice } from '../domain/selection/affinity.js';
import { byLoad } from '../domain/selection/strategy.js';
import type { InstanceState } from './instance-state.js';
import type { Group, LaneTasks } from './lanes.js';
import { NO_ORDER_TERMS, type OrderTerms } from './order-terms.js';
import type { TrackRecord } from './track-record.js';

/** What choices for tasks of an affinity key go by. */
export interface Affinity {
  readonly warm: Pick<TrackRecord['warm'], 'of'>;
  /** What a warm agent is worth to an organisation. */
  readonly coldStartMsOf: (org: string) => number;
}

/** @param terms default: what holds where nothing is set */
export function affinityBy(
  { warm }: Pick<TrackRecord, 'warm'>,
  terms: OrderTerms = NO_ORDER_TERMS,
): Affinity {
  return { warm, coldStartMsOf: (org) => terms.coldStartMsOf(org) };
}

/**
 * The one that has the context of a task of an affinity key, if the task is to go there; `null`: it goes to the one
 * that its strategy names.
 *
 * @param freeOf the processes of an agent that are free for the task
 */
export function warmFree<Tasks extends LaneTasks>(
  key: string,
  { org, kind }: Pick<Group<Tasks>, 'org' | 'kind'>,
  named: InstanceState,
  freeOf: (agentId: string) => readonly InstanceState[],
  { affinity: { warm, coldStartMsOf }, now }: { readonly affinity: Affinity; readonly now: number },
): InstanceState | null {
  const free = new Map<string, InstanceState>();
  for (const agentId of warm.of(org, key, now)) {
    const [first] = [...freeOf(agentId)].sort(byLoad);
    if (first) free.set(agentId, first);
  }
  if (free.size === 0) return null;
  const meanMs = kind.durations?.meanMs ?? 0;
  const takesMs = (agentId: string) => {
    const { speed, successRate } = kind.measured(agentId);
    return meanMs === 0 ? 0 : meanMs / (speed * successRate);
  };
  const prospects = [...free.keys()].map((agentId) => {
    return { agentId, freeInMs: 0, takesMs: takesMs(agentId), isAwaited: false };
  });
  const choice = warmChoice(prospects, { takesMs: takesMs(named.agentId) }, coldStartMsOf(org));
  return (choice && free.get(choice.agentId)) ?? null;
}
