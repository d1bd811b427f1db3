import type { Scenario } from './scenario.js';
import { BIDDERS } from './scenarios/bidders.js';
import { COLD_CONTEXTS } from './scenarios/cold-contexts.js';
import { DEADLINES } from './scenarios/deadlines.js';
import { FLAPPING_AGENTS } from './scenarios/flapping.js';
import { HUMAN_FLOOD } from './scenarios/human-flood.js';
import { OVERNIGHT } from './scenarios/overnight.js';
import { STEADY_MIX } from './scenarios/steady-mix.js';
import { STRAGGLERS_AMONG } from './scenarios/stragglers.js';
import { TENANT_FLOOD } from './scenarios/tenant-flood.js';
import { UNLIKE_AGENTS } from './scenarios/unlike-agents.js';

/** All there are, in order. */
export const SCENARIOS: readonly Scenario[] = [
  STEADY_MIX,
  OVERNIGHT,
  HUMAN_FLOOD,
  UNLIKE_AGENTS,
  STRAGGLERS_AMONG,
  FLAPPING_AGENTS,
  TENANT_FLOOD,
  BIDDERS,
  DEADLINES,
  COLD_CONTEXTS,
];
