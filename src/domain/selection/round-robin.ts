import { cheapest, type Strategy } from './strategy.js';

/** In turn: the one that was chosen longest ago, whatever it carries. */
export const roundRobin: Strategy = (_task, candidates) => cheapest(candidates, (c) => c.lastChosen);
