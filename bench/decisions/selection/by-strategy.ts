import { KindRecord } from '../../../src/domain/agents/kind-record.js';
import type { Strategy, Turn } from '../../../src/domain/selection/strategy.js';
import type { Random } from '../chance/random.js';
import { candidatesOf } from './candidates.js';
import type { Agent } from './fleet.js';
import type { Placer } from './placer.js';

/** The product's records, by kind. */
export class Records {
  readonly #kinds = new Map<string, KindRecord>();

  of(kind: string): KindRecord {
    const known = this.#kinds.get(kind) ?? new KindRecord('org', kind);
    this.#kinds.set(kind, known);
    return known;
  }

  get all(): Iterable<KindRecord> {
    return this.#kinds.values();
  }
}

/** A strategy of the product. @param guarded with what keeps tasks from agents that fail, and gives retries to others */
export function byStrategy(
  strategy: Strategy,
  random: Random,
  guarded = true,
  records = new Records(),
): Placer {
  const turns = new Map<string, Turn>();
  return {
    place(job, { now, free, eligible, lastAgentId }) {
      const kind = records.of(job.kind);
      const among = guarded ? unhindered(kind, { now, free, eligible, lastAgentId }) : free;
      const situation = { now, random, turns, measured: kind.measured };
      const agent = strategy({ prefer: null }, candidatesOf(among), situation);
      if (!agent) return null;
      if (guarded) kind.chosen(agent.agentId, now);
      return { agent };
    },
    ended(job, { agentId }, outcome, began, now) {
      const kind = records.of(job.kind);
      kind.add({ taskId: job.taskId, agentId, outcome, began, ended: now });
      kind.judge(now);
    },
    wakesAt: (now) => wakesAt(records, now),
  };
}

interface Hindered {
  readonly now: number;
  readonly free: readonly Agent[];
  readonly eligible: readonly Agent[];
  readonly lastAgentId: string | null;
}

/** As the index has it: of those held back only if nobody else is eligible; who had it last only if nobody else is. */
export function unhindered(
  kind: KindRecord,
  { now, free, eligible, lastAgentId }: Hindered,
): readonly Agent[] {
  const isHeld = ({ agentId }: Agent) => kind.anyHeld && kind.isHeld(agentId, now);
  const may = eligible.filter((agent) => agent.isUp && !isHeld(agent));
  const among = may.length > 0 ? free.filter((agent) => !isHeld(agent)) : free;
  if (lastAgentId === null) return among;
  const others = (may.length > 0 ? may : eligible).some(({ agentId }) => agentId !== lastAgentId);
  return others ? among.filter(({ agentId }) => agentId !== lastAgentId) : among;
}

/** When the first hold is over. */
export function wakesAt(records: Records, now: number): number | null {
  let first: number | null = null;
  for (const kind of records.all) {
    for (const { until } of kind.holds()) {
      if (until > now && (first === null || until < first)) first = until;
    }
  }
  return first;
}
