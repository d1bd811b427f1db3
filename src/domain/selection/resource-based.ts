import { meanShareInUse } from './reported-load.js';
import { cheapest, loadShare, type Strategy } from './strategy.js';

/**
 * The one whose machine has most to spare: the mean of its reported shares, plus tasks in
 * flight ÷ capacity, because reports are seconds old and everything would go to one agent
 * until its next.
 */
export const resourceBased: Strategy = (_task, candidates, { now }) =>
  cheapest(candidates, (c) => meanShareInUse(c, now) + loadShare(c));
