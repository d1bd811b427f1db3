import { EXIT, type ExitCode } from './cli/exit-codes.js';
import { CliError } from './cli/failure.js';
import type { ReeveError } from './domain/errors.js';

const LOOK_AT_LOGIN =
  'Correct user, password or rights; reeve settings postgres-url redis-url shows where the URL comes from.';
const OTHER_FOLDER = 'Give another folder: reeve dev --data FOLDER';

/** What a person can do about a start that failed, by the reason of the error. */
const REMEDIES: Readonly<Record<string, readonly [ExitCode, string]>> = {
  DATA_FOLDER_IN_USE: [
    EXIT.conflict,
    'Use the one that serves, or give this one a folder of its own: reeve dev --data FOLDER',
  ],
  AUTHENTICATION_MISSING: [
    EXIT.usage,
    'Where only those reach it who may do everything, say so: reeve serve --insecure-open (REEVE_INSECURE_OPEN=true)',
  ],
  STORE_UNREACHABLE: [
    EXIT.storeUnreachable,
    'Start it, correct its URL (reeve settings postgres-url redis-url), or wait longer: --store-wait 5m',
  ],
  RECORD_REFUSED: [EXIT.storeRefused, LOOK_AT_LOGIN],
  RECORD_WITHOUT_TLS: [
    EXIT.storeRefused,
    'Give it a certificate (ssl = on), or drop sslmode from the URL where the network is trusted.',
  ],
  INDEX_REFUSED: [EXIT.storeRefused, LOOK_AT_LOGIN],
  RECORD_MISSING: [EXIT.databaseMissing, 'Make it: createdb NAME, and then its schema: reeve migrate'],
  RECORD_TOO_OLD: [EXIT.storeTooOld, 'Upgrade Postgres to 15 or later, or name another: REEVE_POSTGRES_URL'],
  INDEX_TOO_OLD: [EXIT.storeTooOld, 'Upgrade Redis to 6.2 or later, or name another: REEVE_REDIS_URL'],
  RECORD_IS_REPLICA: [EXIT.storeIsReplica, 'Name the primary: REEVE_POSTGRES_URL'],
  INDEX_IS_REPLICA: [EXIT.storeIsReplica, 'Name the primary: REEVE_REDIS_URL'],
  EVENT_HANDLER_UNUSABLE: [
    EXIT.usage,
    'Correct the module, or its name: reeve settings event-handlers; paths begin with ./ or /.',
  ],
  SCHEMA_TOO_NEW: [EXIT.schemaUnknown, 'Use the newer Reeve that moved it on.'],
  SCHEMA_DIFFERS: [
    EXIT.schemaUnknown,
    'Use the Reeve that made it, or another database; migrations that were released never change.',
  ],
  SCHEMA_FOREIGN: [
    EXIT.schemaUnknown,
    'Give Reeve a database of its own: createdb NAME, and name it in REEVE_POSTGRES_URL.',
  ],
  SCHEMA_TOO_OLD: [
    EXIT.schemaTooOld,
    'Look what is to be done, and do it: reeve migrate --plan, reeve migrate. Or at the start: --migrate-at-start',
  ],
  RECORD_FULL: [EXIT.storeFull, 'Make room on the disk of Postgres, and start again.'],
  INDEX_FULL: [EXIT.storeFull, 'Give Redis more memory or disk (maxmemory, its log), and start again.'],
};

/**
 * What a person is told of a start that failed.
 *
 * @param command the one that was to start, for example `dev`
 */
export function startFailure({ reason, message, code }: ReeveError, command: string): CliError {
  const [exit, hint] = found(reason, command);
  const retryable = code === 'UNAVAILABLE' && exit !== EXIT.usage;
  return new CliError({ code: reason, message, retryable, hint, exit });
}

/** What a person can do about it. @param reason of an error */
export function remedyOf(reason: string, command: string): string {
  return found(reason, command)[1];
}

function found(reason: string, command: string): readonly [ExitCode, string] {
  return REMEDIES[reason] ?? others(reason, command);
}

function others(reason: string, command: string): readonly [ExitCode, string] {
  if (reason.startsWith('DATA_FOLDER')) return [EXIT.usage, OTHER_FOLDER];
  if (reason === 'ADDRESS_UNUSABLE' || reason === 'EADDRINUSE') {
    const help = `reeve ${command} --host 127.0.0.1 --port 0 --http-port 0`;
    return [EXIT.usage, `Give an address of this machine and a free port: ${help}`];
  }
  return [EXIT.failure, `See the log: reeve ${command} --log-level debug`];
}
