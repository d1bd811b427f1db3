import { byLoad, foremost, loadShare, strategy } from './strategy.js';

/** The least loaded goes first: tasks in flight ÷ capacity. */
export const leastConnections = strategy(
  'LEAST_CONNECTIONS',
  { measure: 'tasks in flight ÷ slots', costOf: loadShare },
  (_task, candidates, { note }) => foremost(candidates, byLoad, loadShare, note),
);
