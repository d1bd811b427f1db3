import { STRATEGIES } from '../../../src/domain/selection/strategies.js';
import type { Candidate, Candidates, Order, Situation } from '../../../src/domain/selection/strategy.js';
import type { StrategyName } from '../../../src/domain/selection/strategy-name.js';
import { below, uniform } from '../chance/distributions.js';
import { randomOf } from '../chance/random.js';
import type { Micro } from './micro.js';

const CANDIDATES = 100;
const NOW = 1_000_000;

type State = { -readonly [K in keyof Candidate]: Candidate[K] };

/** One choice among a hundred that all are looked at, with the agents' loads as the last choice left them. */
export function ranking(name: StrategyName): Micro {
  const random = randomOf(1, `micro ${name}`);
  const states = Array.from(
    { length: CANDIDATES },
    (_, n): State => ({
      agentId: `agent-${n}`,
      sessionId: `session-${n}`,
      spec: { weight: null, region: n % 3 === 0 ? 'eu' : 'us', location: { latitude: n - 50, longitude: n } },
      slots: 4,
      inFlight: below(random, 3),
      since: 0,
      lastChosen: 0,
      agent: {
        report: {
          load: { cpu: random(), memory: random(), gpu: null, activeConnections: null, pendingTasks: null },
          until: 2 * NOW,
        },
      },
    }),
  );
  const measured = new Map(
    states.map(({ agentId }) => [
      agentId,
      { attempts: 20, speed: uniform(random, 0.5, 2), successRate: uniform(random, 0.5, 1) },
    ]),
  );
  const situation: Situation = {
    ...{ now: NOW, random, turns: new Map() },
    measured: (agentId) => measured.get(agentId) ?? { attempts: 0, speed: 1, successRate: 1 },
  };
  const task = { prefer: { region: 'eu', location: { latitude: 1, longitude: 1 } } };
  const candidates = listed(states);
  let choices = 0;
  return {
    title: `ranking ${CANDIDATES} candidates, ${name}`,
    target: 20,
    stretch: 10,
    decide() {
      const chosen = STRATEGIES[name](task, candidates, situation);
      if (!chosen) return undefined;
      choices += 1;
      chosen.lastChosen = choices;
      chosen.inFlight = (chosen.inFlight + 1) % chosen.slots;
      return chosen;
    },
  };
}

/** Every one is looked at, where the product keeps an order: the most that a choice can cost. */
function listed<C extends Candidate>(all: readonly C[]): Candidates<C> {
  const first = (order: Order, but?: C | null) => {
    let best: C | null = null;
    for (const one of all) if (one !== but && (best === null || order(one, best) < 0)) best = one;
    return best;
  };
  return {
    [Symbol.iterator]: () => all[Symbol.iterator](),
    first: (order) => first(order),
    second: (order) => first(order, first(order)),
  };
}
