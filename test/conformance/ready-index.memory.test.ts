import { STRATEGIES } from '../../src/domain/selection/strategies.js';
import { MemoryIndex } from '../../src/memory/ready-index.js';
import { FakeClock } from '../support/fake-clock.js';
import { seededRandom } from '../support/seeded-random.js';
import { describeReadyIndex } from './ready-index.js';
import { describeAffinity } from './ready-index-affinity.js';
import { describeCandidates } from './ready-index-candidates.js';
import { describeExplaining } from './ready-index-explaining.js';
import { describeFairness } from './ready-index-fairness.js';
import { describeGuards } from './ready-index-guards.js';
import { describeHolds } from './ready-index-holds.js';
import { describeLimits } from './ready-index-limits.js';
import { describeRandomLimits } from './ready-index-limits-random.js';
import { describeReadyIndexOrder } from './ready-index-order.js';
import { describePolls } from './ready-index-polls.js';
import { describePreemption } from './ready-index-preemption.js';
import { describeReservations } from './ready-index-reservations.js';
import { describeStrategies, type StrategyUnderTest } from './ready-index-strategies.js';
import { describeTerms } from './ready-index-terms.js';
import { describeWaiting } from './ready-index-waiting.js';

function open({ strategyOf = () => 'LEAST_CONNECTIONS', seed = 1, log, ...set }: StrategyUnderTest = {}) {
  const clock = new FakeClock();
  const quiet = () => undefined;
  const index = new MemoryIndex({
    clock,
    log: { debug: quiet, info: quiet, error: quiet, warn: quiet, ...log },
    random: seededRandom(seed),
    strategyOf: (org, balancing) => STRATEGIES[balancing ?? strategyOf(org)],
    ...set,
    minHealth: 0.5,
    reportsLastMs: 45_000,
  });
  return { index, advance: (ms: number) => clock.advance(ms) };
}

describeReadyIndex('memory', open);
describeStrategies('memory', open);
describeGuards('memory', open);
describeAffinity('memory', open);
describeTerms('memory', open);
describePolls('memory', open);
describeReadyIndexOrder('memory', open);
describeReservations('memory', open);
describeWaiting('memory', open);
describeCandidates('memory', open);
describeHolds('memory', open);
describeExplaining('memory', open);
describeLimits('memory', open);
describeFairness('memory', open);
describeRandomLimits('memory', open);
describePreemption('memory', open);
