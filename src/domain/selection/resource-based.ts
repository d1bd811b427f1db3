import { meanShareInUse } from './reported-load.js';
import { cheapest, type Figure, loadShare, strategy } from './strategy.js';

const costOf: NonNullable<Figure['costOf']> = (candidate, _task, { now }) =>
  meanShareInUse(candidate, now) + loadShare(candidate);

/**
 * The one whose machine has most to spare: the mean of its reported shares, plus tasks in
 * flight ÷ capacity, because reports are seconds old and everything would go to one agent
 * until its next.
 */
export const resourceBased = strategy(
  'RESOURCE_BASED',
  { measure: 'mean share of the machine in use + tasks in flight ÷ slots', costOf },
  (task, candidates, situation) =>
    cheapest(candidates, (candidate) => costOf(candidate, task, situation), situation.note),
);
