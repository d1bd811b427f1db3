import type { Scenario } from './scenario.js';
import { HUMAN_FLOOD } from './scenarios/human-flood.js';
import { OVERNIGHT } from './scenarios/overnight.js';
import { STEADY_MIX } from './scenarios/steady-mix.js';
import { TENANT_FLOOD } from './scenarios/tenant-flood.js';

/** All there are, in order. */
export const SCENARIOS: readonly Scenario[] = [STEADY_MIX, OVERNIGHT, HUMAN_FLOOD, TENANT_FLOOD];
