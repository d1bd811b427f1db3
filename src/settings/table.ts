import { choice, duration, integer, list, number, only, type Setting, text, toggle, url } from './setting.js';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

const HOST = /^([a-z0-9._-]+|[0-9a-f:.]+)$/i;
const HOSTS = 'names or addresses without ports, such as reeve.example, commas between them';

/**
 * Every setting of the server. A flag wins over its environment variable, that over the
 * settings file, that over the default. Names of variables and flags follow from the first
 * column: `lease-ttl` is `REEVE_LEASE_TTL`, `--lease-ttl`, and `lease-ttl:` in the file.
 */
export const SETTINGS = {
  data: only(
    'dev',
    text('data', '.reeve/data', 'Folder in which everything durable is kept; one process owns it.'),
  ),
  host: text('host', '127.0.0.1', 'Address to listen on.'),
  port: integer(
    'port',
    9001,
    { min: 0, max: 65_535 },
    'Port to listen on, 0 takes any; if it is taken, reeve dev uses the next free one (and, if you set none, remembers it in the data folder), reeve serve ends.',
  ),
  http: toggle('http', true, 'Whether calls over HTTP (JSON, gRPC-Web), probes and metrics are served.'),
  httpPort: integer(
    'http-port',
    9002,
    { min: 0, max: 65_535 },
    'Port for HTTP, 0 takes any; if it is taken, as for gRPC.',
  ),
  allowedHosts: list(
    'allowed-hosts',
    'Names that HTTP answers to besides localhost, commas between them; listening beyond this machine, none set means all.',
    HOSTS,
    HOST,
  ),
  allowedOrigins: list(
    'allowed-origins',
    "Origins besides the server's own whose pages may call over HTTP, commas between them.",
    'origins, such as https://app.example or http://localhost:5173, commas between them',
    /^https?:\/\/[a-z0-9._-]+(:\d{1,5})?$/,
  ),
  policyPrivateHosts: list(
    'policy-private-hosts',
    'Hosts of remote policies and role directories that may have private addresses, commas between them; others are refused if they have one.',
    HOSTS,
    HOST,
  ),
  policyPlaintextHosts: list(
    'policy-plaintext-hosts',
    'Hosts of remote policies and role directories that may be called without TLS, commas between them.',
    HOSTS,
    HOST,
  ),
  eventHandlers: list(
    'event-handlers',
    'ES modules that are told of what happens to tasks and workflows here, commas between them: paths, which begin with ./ or /, or names of packages.',
    'paths of ES modules such as ./audit.mjs, or names of packages, commas between them',
    /^[^\s]([^\n\r]*[^\s])?$/,
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
  postgresUrl: only(
    'serve',
    url(
      'postgres-url',
      ['postgres', 'postgresql'],
      'postgres://user:password@host:5432/database',
      'Database that holds the record, with sslmode and the like as libpq has them; other programs on the machine can read flags, so give a password by the variable or the file.',
    ),
  ),
  postgresWriters: only(
    'serve',
    integer(
      'postgres-writers',
      6,
      { min: 1, max: 1_000 },
      'Connections to Postgres for what writes; one more is opened now and then.',
    ),
  ),
  postgresReaders: only(
    'serve',
    integer('postgres-readers', 4, { min: 1, max: 1_000 }, 'Connections to Postgres for what only reads.'),
  ),
  statementTimeoutMs: only(
    'serve',
    duration(
      'statement-timeout',
      15 * SECOND,
      { min: 100, max: HOUR },
      'How long Postgres may take for a statement before it ends it.',
    ),
  ),
  preparedStatements: only(
    'serve',
    toggle(
      'prepared-statements',
      true,
      'Whether statements are prepared once on each connection; off for poolers that give every transaction another one.',
    ),
  ),
  redisUrl: only(
    'serve',
    url(
      'redis-url',
      ['redis', 'rediss'],
      'redis://user:password@host:6379',
      'Redis that holds the index, or any node of a cluster of them; rediss:// for TLS.',
    ),
  ),
  redisPrefix: only(
    'serve',
    text(
      'redis-prefix',
      'reeve',
      'What all keys in Redis begin with, so that installations can share one.',
      'letters, digits, - and _, at most 40',
      /^[A-Za-z0-9_-]{1,40}$/,
    ),
  ),
  redisTimeoutMs: only(
    'serve',
    duration(
      'redis-timeout',
      2 * SECOND,
      { min: 50, max: 60 * SECOND },
      'How long Redis may take to answer.',
    ),
  ),
  connectTimeoutMs: only(
    'serve',
    duration(
      'connect-timeout',
      5 * SECOND,
      { min: 50, max: 60 * SECOND },
      'How long a connection to Postgres or Redis may take to open.',
    ),
  ),
  storeWaitMs: only(
    'serve',
    duration(
      'store-wait',
      60 * SECOND,
      { min: 0, max: 24 * HOUR },
      'How long a start waits for Postgres and Redis to be there.',
    ),
  ),
  migrateAtStart: only(
    'serve',
    toggle(
      'migrate-at-start',
      false,
      'Whether a start brings an older schema up to date, as reeve migrate does, instead of ending.',
    ),
  ),
  leaseOutageGraceMs: only(
    'serve',
    duration(
      'lease-outage-grace',
      600 * SECOND,
      { min: 0, max: 24 * HOUR },
      'How long agents keep their tasks while Postgres is away and nothing can be renewed.',
    ),
  ),
  insecureOpen: only(
    'serve',
    toggle(
      'insecure-open',
      false,
      'Serve without authentication: whoever reaches a port may do everything in every organisation.',
    ),
  ),
  reflection: toggle('reflection', true, 'Whether gRPC server reflection is served.'),
  failpoints: text(
    'failpoints',
    '',
    'For tests: where the process ends, freezes or loses a reply, for example settle.after-commit=exit@40.',
    'point=action@n, separated by semicolons, where action is exit, freeze or lose',
    /^(\s*[a-z][a-z.-]*=(exit|freeze|lose)(@[1-9]\d{0,8})?\s*(;|$))*$/,
  ),
} as const;

type Table = typeof SETTINGS;

/** The name of a setting in code; names of durations end in their unit. */
export type SettingKey = keyof Table;

/** All settings, checked. Durations are in ms. */
export type Settings = {
  readonly [K in SettingKey]: Table[K] extends Setting<infer T> ? T : never;
};
