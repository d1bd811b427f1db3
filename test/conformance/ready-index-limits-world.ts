import { NO_LIMITS, type OrgLimits } from '../../src/domain/limits/org-limits.js';
import type { FairnessWeights } from '../../src/domain/limits/weights.js';
import { NO_REQUIREMENTS } from '../../src/domain/tasks/requirements.js';
import type { OrderTerms } from '../../src/matching/order-terms.js';
import type { ReadyTask, Reservation, RunningTask } from '../../src/ports/ready-index.js';
import type { StrategyUnderTest } from './ready-index-strategies.js';
import { claims, confirmed, type IndexUnderTest, nextSeq, ORG, task } from './ready-index-world.js';

/** What an organisation has set, to be changed by tests. */
interface Terms {
  limits: OrgLimits;
  weights: FairnessWeights;
  restShare: number;
}

/** An index of an organisation that has set something, and of which it is known what runs: nothing, unless told otherwise. */
export async function openLimited(
  open: (options?: StrategyUnderTest) => IndexUnderTest,
  limits: Partial<OrgLimits> = {},
  over: Partial<Omit<Terms, 'limits'>> & { isReady?: boolean; expectedMs?: number } = {},
) {
  const set: Terms = { limits: { ...NO_LIMITS, ...limits, version: 1 }, weights: {}, restShare: 0, ...over };
  const listeners: ((org: string) => void)[] = [];
  const orderTerms: OrderTerms = {
    limitsOf: (org) => (org === ORG ? set.limits : NO_LIMITS),
    weightsOf: () => set.weights,
    restShareOf: () => set.restShare,
    coldStartMsOf: () => 0,
    onChanged: (listener) => void listeners.push(listener),
  };
  const durations = { of: () => over.expectedMs ?? null };
  const opened = open({ orderTerms, durations });
  const { index } = opened;
  const unready: string[] = [];
  let heard = 0;
  index.onUnready((org) => void unready.push(org));
  index.onReady(() => {
    heard += 1;
  });
  if (over.isReady ?? true) await index.setRunning(ORG, [], []);
  return {
    ...opened,
    unready,
    /** How often the index said that it may have something. */
    heard: () => heard,
    change(next: Partial<OrgLimits>, others: Partial<Omit<Terms, 'limits'>> = {}) {
      Object.assign(set, others);
      set.limits = { ...set.limits, ...next, version: set.limits.version + 1 };
      for (const listener of listeners) listener(ORG);
    },
    /** Tasks that are given out and claimed. */
    async start(max = 100): Promise<readonly string[]> {
      const reservations = await index.reserve(max);
      await index.confirm(confirmed(reservations));
      return reservations.map(({ taskId }) => taskId);
    },
    reserve: async (max = 100): Promise<readonly Reservation[]> => index.reserve(max),
    async end(...taskIds: readonly string[]): Promise<void> {
      await index.freeSlots(claims(taskIds.map((taskId) => ({ org: ORG, taskId }))));
    },
  };
}

export interface Keys {
  readonly limits?: readonly string[];
  readonly fairness?: string | null;
}

/** A task that names limits, or whose turn it is to be. */
export function keyed(taskId: string, { limits = [], fairness = null }: Keys, over: Partial<ReadyTask> = {}) {
  const keys = { limits: [...limits].sort(), fairness, affinity: null };
  const { requirements = { ...NO_REQUIREMENTS, capabilities: ['work'] } } = over;
  return task(taskId, { ...over, requirements: { ...requirements, keys } });
}

/** A task that an agent has, as the record tells of it. */
export function running(
  taskId: string,
  agentId: string,
  keys: Keys = {},
  band: RunningTask['band'] = 'OTHER',
) {
  const { kind, tier, requirements } = keyed(taskId, keys);
  return { org: ORG, taskId, epoch: 1, seq: nextSeq(), agentId, kind, tier, band, requirements };
}

export const ids = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${String(i).padStart(3, '0')}`);

export const atMost = (maxConcurrent: number) => ({ maxConcurrent, rate: null });
export const perPeriod = (count: number, periodMs: number) => ({
  maxConcurrent: null,
  rate: { count, periodMs },
});
