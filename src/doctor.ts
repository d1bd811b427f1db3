import type { DoctorFinding, DoctorReport } from './cli/world.js';
import { clockFindings } from './clock-findings.js';
import { ReeveError } from './domain/errors.js';
import type { Check, Finding } from './ports/check.js';
import type { Clock } from './ports/clock.js';
import type { Log } from './ports/log.js';
import { POSTGRES_CHECKS } from './postgres/doctor/checks.js';
import { postgresClockOffset } from './postgres/doctor/clock-offset.js';
import type { PostgresVisit } from './postgres/doctor/visit.js';
import { openServer } from './postgres/drivers/server.js';
import { REDIS_CHECKS } from './redis/doctor/checks.js';
import { redisClockOffsets } from './redis/doctor/clock-offset.js';
import { visitRedis } from './redis/doctor/visit.js';
import { SETTINGS, type Settings } from './settings/table.js';
import { remedyOf } from './start-failure.js';
import { placeOfIndex, placeOfRecord } from './stores.js';
import { isReplica } from './wait-for-store.js';

type About = DoctorFinding['about'];

interface Offset {
  readonly name: string;
  /** How far its clock is ahead of this machine's, in ms. */
  readonly ms: number;
}

export interface ExamineOptions {
  readonly settings: Settings;
  readonly log: Log;
  readonly clock: Clock;
}

/** Looks at Postgres and Redis as coordinators with these settings would use them. Never rejects for what it finds. */
export async function examine(options: ExamineOptions): Promise<DoctorReport> {
  const { postgresUrl, redisUrl } = options.settings;
  const findings: DoctorFinding[] = [];
  const offsets: Offset[] = [];
  for (const [about, url, look] of [
    ['postgres', postgresUrl, lookAtPostgres],
    ['redis', redisUrl, lookAtRedis],
  ] as const) {
    if (url === '') {
      const { name, env, accepted } = about === 'postgres' ? SETTINGS.postgresUrl : SETTINGS.redisUrl;
      const what = `${name} is not set`;
      const why = 'A coordinator does not start without it.';
      findings.push({ about, check: 'server', level: 'error', what, why, fix: `${env}=${accepted}` });
      continue;
    }
    try {
      await look(options, (finding) => findings.push(finding), offsets);
    } catch (error) {
      findings.push({ about, check: 'server', ...failed(error) });
    }
  }
  findings.push(
    ...clockFindings(offsets).map((finding) => ({ about: 'clocks' as const, check: 'skew', ...finding })),
  );
  return {
    postgres: postgresUrl === '' ? null : placeOfRecord(options.settings),
    redis: redisUrl === '' ? null : placeOfIndex(options.settings),
    findings,
  };
}

type Tell = (finding: DoctorFinding) => void;

async function lookAtPostgres({ settings, log, clock }: ExamineOptions, tell: Tell, offsets: Offset[]) {
  const { postgresUrl: url, postgresWriters: writers, postgresReaders: readers } = settings;
  const { statementTimeoutMs, preparedStatements, connectTimeoutMs } = settings;
  const openedAt = clock.monotonic();
  const bounds = {
    writers: 1,
    readers: 1,
    connectTimeoutMs,
    statementTimeoutMs,
    prepare: preparedStatements,
  };
  const db = openServer({ url, log, ...bounds });
  const host = new URL(url).searchParams.get('host') ?? decodeURIComponent(new URL(url).hostname);
  const use = { writers, readers, statementTimeoutMs, preparedStatements };
  const visit: PostgresVisit = { db, clock, openedAt, host: host || 'localhost', use };
  try {
    const [server, ...others] = POSTGRES_CHECKS;
    for (const finding of await server.look(visit))
      tell({ about: 'postgres', check: server.name, ...finding });
    await runChecks('postgres', others, visit, tell);
    offsets.push({ name: 'Postgres', ms: await postgresClockOffset(visit) });
  } finally {
    await db.close();
  }
}

async function lookAtRedis({ settings, clock }: ExamineOptions, tell: Tell, offsets: Offset[]) {
  const { redisUrl: url, redisPrefix: prefix, redisTimeoutMs: commandTimeoutMs, connectTimeoutMs } = settings;
  const visit = await visitRedis({ url, prefix, commandTimeoutMs, connectTimeoutMs, clock });
  try {
    await runChecks('redis', REDIS_CHECKS, visit, tell);
    const measured = await redisClockOffsets(visit);
    offsets.push(
      ...measured.map(({ place, offset }) => ({
        name: visit.isCluster ? `Redis ${place}` : 'Redis',
        ms: offset,
      })),
    );
  } finally {
    visit.close();
  }
}

/** One after the other, so that none makes another slower. */
async function runChecks<S>(about: About, checks: readonly Check<S>[], store: S, tell: Tell): Promise<void> {
  for (const { name, look } of checks) {
    const found = await look(store).catch((error: unknown) => [blind(error)]);
    for (const finding of found) tell({ about, check: name, ...finding });
  }
}

/** A check that could not look. */
function blind(error: unknown): Finding {
  const away = error instanceof ReeveError && isAway(error);
  return {
    level: away ? 'error' : 'note',
    what: `could not be looked at: ${error instanceof Error ? error.message : error}`,
    why: away ? 'The store was there and then was not.' : 'It may be that this user may not see it.',
  };
}

const START_IT = 'Start it, or correct its URL: reeve settings postgres-url redis-url';

/** A store that could not be opened. */
function failed(error: unknown): Finding {
  if (!(error instanceof ReeveError)) throw error;
  return {
    level: 'error',
    what: error.message.replace(/^the (record|index) is not to be had: /, ''),
    why: 'Coordinators do not start without it; those that run refuse calls or dispatch nothing.',
    fix: isAway(error) ? START_IT : remedyOf(error.reason, 'serve'),
  };
}

function isAway(error: ReeveError): boolean {
  return error.code === 'UNAVAILABLE' && !isReplica(error);
}
