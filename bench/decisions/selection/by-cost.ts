import type { Random } from '../chance/random.js';
import type { Agent } from './fleet.js';
import type { Placer } from './placer.js';

/** The one that costs least of those that are free, whatever was learned. */
export function byCost(costOf: (agent: Agent) => number): Placer {
  return {
    place: (_job, { free }) => {
      const agent = cheapestOf(free, costOf);
      return agent && { agent };
    },
    ended() {},
  };
}

export const random = (roll: Random) => byCost(() => roll());
export const roundRobin = () => byCost(({ lastChosen }) => lastChosen);
export const leastConnections = () => byCost(({ inFlight, slots }) => inFlight / slots);
/** As Kubernetes scores nodes: the one with the greatest part left after it was given this one. */
export const leastAllocated = () => byCost(({ inFlight, slots }) => (inFlight + 1) / slots);

/** The less loaded of two that chance names. */
export function powerOfTwo(roll: Random): Placer {
  return {
    place: (_job, { free }) => {
      const any = () => free[Math.floor(roll() * free.length)] as Agent;
      const agent = cheapestOf([any(), any()], ({ inFlight, slots }) => inFlight / slots);
      return agent && { agent };
    },
    ended() {},
  };
}

function cheapestOf(agents: readonly Agent[], costOf: (agent: Agent) => number): Agent | null {
  let best: Agent | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const agent of agents) {
    const cost = costOf(agent);
    if (!best || cost < least) [best, least] = [agent, cost];
  }
  return best;
}
