import { duration, integer, only, text, toggle, url } from './setting.js';
import { HOUR, SECOND } from './units.js';

/** What only a coordinator on Postgres and Redis has. */
export const FLEET_SETTINGS = {
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
} as const;
