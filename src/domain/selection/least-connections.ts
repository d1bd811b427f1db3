import { byLoad, type Strategy } from './strategy.js';

/** The least loaded goes first: tasks in flight ÷ capacity. */
export const leastConnections: Strategy = (_task, candidates) => candidates.first(byLoad);
