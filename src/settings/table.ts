import { choice, duration, integer, list, number, type Setting, text, toggle } from './setting.js';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/**
 * Every setting of the server. A flag wins over its environment variable, that over the
 * settings file, that over the default. Names of variables and flags follow from the first
 * column: `lease-ttl` is `REEVE_LEASE_TTL`, `--lease-ttl`, and `lease-ttl:` in the file.
 */
export const SETTINGS = {
  data: text('data', '.reeve/data', 'Folder in which everything durable is kept; one process owns it.'),
  host: text('host', '127.0.0.1', 'Address to listen on.'),
  port: integer(
    'port',
    9001,
    { min: 0, max: 65_535 },
    'Port to listen on; if it is taken the next free one is used (and, if you set none, remembered in the data folder), and 0 takes any.',
  ),
  http: toggle('http', true, 'Whether calls over HTTP (JSON, gRPC-Web), probes and metrics are served.'),
  httpPort: integer(
    'http-port',
    9002,
    { min: 0, max: 65_535 },
    'Port for HTTP; if it is taken the next free one is used (remembered as for gRPC), and 0 takes any.',
  ),
  allowedHosts: list(
    'allowed-hosts',
    'Names that HTTP answers to besides localhost, commas between them; listening beyond this machine, none set means all.',
    'names or addresses without ports, such as reeve.example, commas between them',
    /^([a-z0-9._-]+|[0-9a-f:.]+)$/i,
  ),
  allowedOrigins: list(
    'allowed-origins',
    "Origins besides the server's own whose pages may call over HTTP, commas between them.",
    'origins, such as https://app.example or http://localhost:5173, commas between them',
    /^https?:\/\/[a-z0-9._-]+(:\d{1,5})?$/,
  ),
  logLevel: choice(
    'log-level',
    ['debug', 'info', 'warn', 'error', 'silent'],
    'warn',
    'Least severity that is logged, to standard error.',
  ),
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
  priorityFormula: choice(
    'priority-formula',
    ['tier_aging', 'fcfs'],
    'tier_aging',
    'How tasks are ordered: by tier and waiting time, or first come, first served.',
  ),
  loadBalancingStrategy: choice(
    'load-balancing-strategy',
    [
      'LEAST_CONNECTIONS',
      'ROUND_ROBIN',
      'WEIGHTED_ROUND_ROBIN',
      'RESOURCE_BASED',
      'GEOGRAPHIC',
      'RANDOM',
      'SHORTEST_EXPECTED',
    ],
    'LEAST_CONNECTIONS',
    'Which of the eligible agents gets a task.',
  ),
  reflection: toggle('reflection', true, 'Whether gRPC server reflection is served.'),
  failpoints: text(
    'failpoints',
    '',
    'For tests: where the process ends or freezes, for example settle.after-commit=exit@40.',
    'point=action@n, separated by semicolons, where action is exit or freeze',
    /^(\s*[a-z][a-z.-]*=(exit|freeze)(@[1-9]\d{0,8})?\s*(;|$))*$/,
  ),
} as const;

type Table = typeof SETTINGS;

/** The name of a setting in code; names of durations end in their unit. */
export type SettingKey = keyof Table;

/** All settings, checked. Durations are in ms. */
export type Settings = {
  readonly [K in SettingKey]: Table[K] extends Setting<infer T> ? T : never;
};
