import { byLoad, type Candidate, foremost, type Order, strategy } from './strategy.js';

const lastChosen = (candidate: Candidate) => candidate.lastChosen;
const byTurn: Order = (a, b) => a.lastChosen - b.lastChosen || byLoad(a, b);

/** In turn: the one that was chosen longest ago, whatever it carries. */
export const roundRobin = strategy(
  'ROUND_ROBIN',
  { measure: 'number of its last choice, which rises with every choice', costOf: lastChosen },
  (_task, candidates, { note }) => foremost(candidates, byTurn, lastChosen, note),
);
