import type { Candidates, Order } from '../../../src/domain/selection/strategy.js';
import type { Agent } from './fleet.js';

/** As an index has them, looked through anew each time. */
export function candidatesOf(agents: readonly Agent[]): Candidates<Agent> {
  const first = (order: Order, but?: Agent) => {
    let best: Agent | null = null;
    for (const agent of agents) if (agent !== but && (!best || order(agent, best) < 0)) best = agent;
    return best;
  };
  return {
    [Symbol.iterator]: () => agents[Symbol.iterator](),
    first: (order) => first(order),
    second: (order) => first(order, first(order) ?? undefined),
  };
}
