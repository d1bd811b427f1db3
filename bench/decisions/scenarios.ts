import type { Scenario } from './scenario.js';
import { BIDDERS } from './scenarios/bidders.js';
import { STEADY_MIX } from './scenarios/steady-mix.js';
import { UNLIKE_AGENTS } from './scenarios/unlike-agents.js';

/** All there are, in order. */
export const SCENARIOS: readonly Scenario[] = [STEADY_MIX, UNLIKE_AGENTS, BIDDERS];
