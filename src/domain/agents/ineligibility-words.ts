import type { Ineligibility } from './eligibility.js';

/** What agents are that may not get a task, in words that follow how many they are. */
export const WITHOUT: Readonly<Record<Ineligibility, string>> = {
  INACTIVE: 'inactive',
  DRAINING: 'draining',
  OTHER_AGENT: 'not the one it is addressed to',
  AGENT_TYPE: 'of another type',
  CAPABILITIES: 'without its capabilities',
  SERVICES: 'without its services',
  TAGS: 'without its tags',
  REGION: 'in another region',
  POOL: 'not in the pool of candidates',
  HEALTH: 'below the health it asks for',
};
