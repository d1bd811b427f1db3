import { ReeveError } from '../../domain/errors.js';
import type { Finding } from '../../ports/check.js';
import { readMigrations, readSchemaState } from '../migrate.js';
import { ask, type PostgresCheck } from './visit.js';

interface Newest {
  readonly version: number;
  readonly min_coordinator: number;
}

/** How far the schema is from what this program goes by. */
export const SCHEMA: PostgresCheck = {
  name: 'schema',
  async look(visit) {
    const ours = readMigrations().length;
    try {
      const { version, pending } = await readSchemaState(visit.db);
      if (pending.length > 0) return [behind(version, ours)];
      return version > ours ? [await ahead(version, ours)] : [{ level: 'ok', what: `version ${version}` }];
    } catch (error) {
      if (error instanceof ReeveError && error.code === 'FAILED_PRECONDITION') return [unfit(error)];
      throw error;
    }

    async function ahead(version: number, known: number): Promise<Finding> {
      const [newest] = await ask<Newest>(
        visit,
        'min-coordinator',
        'SELECT max(version) AS version, max(min_coordinator) AS min_coordinator FROM schema_migration',
      );
      return {
        level: 'note',
        what: `version ${version}, newer than this program knows (${known}); it may be used by those that know ${newest?.min_coordinator} (min_coordinator)`,
        why: 'A newer Reeve has moved it on; this one goes on working until the next step that says otherwise.',
        fix: 'Upgrade this coordinator too.',
      };
    }
  },
};

function behind(version: number, needed: number): Finding {
  return {
    level: 'error',
    what:
      version === 0
        ? `there is no schema yet, version ${needed} is needed`
        : `version ${version}, this program needs ${needed}`,
    why: 'Coordinators do not start on it.',
    fix: 'reeve migrate --plan, then reeve migrate',
  };
}

function unfit({ reason, message }: ReeveError): Finding {
  const isNewer = reason === 'SCHEMA_TOO_NEW';
  return {
    level: 'error',
    what: isNewer ? `${message} (min_coordinator)` : message,
    why: 'Coordinators of this version do not start on it.',
    fix: isNewer
      ? 'Upgrade this Reeve to the one that moved it on.'
      : 'Use the Reeve that made it, or another database.',
  };
}
