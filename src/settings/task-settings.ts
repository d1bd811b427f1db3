import { STRATEGY_NAMES } from '../domain/selection/strategy-name.js';
import { choice, duration, integer } from './setting.js';
import { DAY, HOUR, SECOND } from './units.js';

/** What calls and tasks may take, how long they are kept, and who gets them. */
export const TASK_SETTINGS = {
  maxPayloadBytes: integer(
    'max-payload-bytes',
    262_144,
    { min: 1_024, max: 3_145_728 },
    'Largest input, output or error detail, in bytes.',
  ),
  maxCallsPerOrg: integer(
    'max-calls-per-org',
    10_000,
    { min: 10, max: 1_000_000 },
    'Calls that may be under way for one organisation; long polls and streams of feeds at most half of it.',
  ),
  stopGraceMs: duration(
    'stop-grace',
    10 * SECOND,
    { min: 0, max: HOUR },
    'How long a stop waits for calls and streams to end by themselves.',
  ),
  taskRetentionMs: duration(
    'task-retention',
    30 * DAY,
    { min: DAY, max: 3_650 * DAY },
    'How long a task is kept after its end, with its results and its trail; then reads of it are NOT_FOUND.',
  ),
  requestIdRetentionMs: duration(
    'request-id-retention',
    7 * DAY,
    { min: HOUR, max: 3_650 * DAY },
    'How long a repeated submission finds the task of the first by its request id; at most task-retention.',
  ),
  priorityFormula: choice(
    'priority-formula',
    ['tier_aging', 'fcfs'],
    'tier_aging',
    'How tasks are ordered: by tier and waiting time, or first come, first served.',
  ),
  loadBalancingStrategy: choice(
    'load-balancing-strategy',
    STRATEGY_NAMES,
    'LEAST_CONNECTIONS',
    'Which of the eligible agents gets a task.',
  ),
} as const;
