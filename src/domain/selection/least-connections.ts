import type { Strategy } from './strategy.js';

/**
 * The least loaded goes first: tasks in flight ÷ capacity. Among equally loaded ones the
 * one that was chosen longest ago, then the agent's id.
 */
export const leastConnections: Strategy = (a, b) =>
  a.inFlight / a.slots - b.inFlight / b.slots ||
  a.lastChosen - b.lastChosen ||
  compare(a.agentId, b.agentId) ||
  compare(a.sessionId, b.sessionId);

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
