import { duration, number } from './setting.js';
import { HOUR, SECOND } from './units.js';

/** How agents are heard, and when they are taken for gone. */
export const AGENT_SETTINGS = {
  leaseTtlMs: duration(
    'lease-ttl',
    60 * SECOND,
    { min: 200, max: 24 * HOUR },
    'How long an agent keeps a task without renewing; agents renew four times as often.',
  ),
  acceptTimeoutMs: duration(
    'accept-timeout',
    5 * SECOND,
    { min: 50, max: 12 * SECOND },
    'How long an agent may take to accept a task before it goes to another.',
  ),
  pingIntervalMs: duration(
    'ping-interval',
    15 * SECOND,
    { min: 50, max: HOUR },
    'How often an agent is pinged on its Work stream.',
  ),
  keepAliveMs: duration(
    'keep-alive-interval',
    600,
    { min: 50, max: HOUR },
    'How often an agent hears of its coordinator; one that has frozen is left after three of these. ' +
      'More than a thousand signs a second are not given: with many agents they come less often.',
  ),
  streamAgeMs: duration(
    'stream-age',
    25 * 60 * SECOND,
    { min: SECOND, max: 24 * HOUR },
    'How old a Work stream becomes, give or take a fifth, before its agent is asked to open a new one.',
  ),
  agentStaleAfterMs: duration(
    'agent-stale-after',
    300 * SECOND,
    { min: 100, max: 24 * HOUR },
    'How long an agent may be silent before it is stale and gets no work.',
  ),
  minHealth: number(
    'min-health',
    0.5,
    { min: 0, max: 1 },
    'Least health score of an agent that gets work, where the task does not say.',
  ),
} as const;
