import { byLoad, type Order, type Strategy } from './strategy.js';

const byTurn: Order = (a, b) => a.lastChosen - b.lastChosen || byLoad(a, b);

/** In turn: the one that was chosen longest ago, whatever it carries. */
export const roundRobin: Strategy = (_task, candidates) => candidates.first(byTurn);
