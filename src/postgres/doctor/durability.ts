import type { Finding } from '../../ports/check.js';
import { ask, type PostgresCheck } from './visit.js';

interface Row {
  readonly name: string;
  readonly setting: string;
}

const RELOAD = 'SELECT pg_reload_conf();';

/** What has to be on for an acknowledgement to mean something, and what is lost without it. */
const NEEDED: Readonly<Record<string, string>> = {
  fsync: 'A power cut can lose what was acknowledged, and destroy the database.',
  full_page_writes: 'A power cut while a page is being written can destroy it.',
  synchronous_commit: 'A crash of Postgres can lose tasks and results that were acknowledged just before it.',
};

/** Whether a commit is on the disk when Postgres says so. */
export const DURABILITY: PostgresCheck = {
  name: 'durability',
  async look(visit) {
    const rows = await ask<Row>(
      visit,
      'durability',
      'SELECT name, setting FROM pg_settings WHERE name = ANY($1::text[]) ORDER BY name',
      [Object.keys(NEEDED)],
    );
    const off = rows.filter(({ setting }) => setting === 'off');
    if (off.length === 0) {
      return [{ level: 'ok', what: rows.map(({ name, setting }) => `${name}=${setting}`).join(', ') }];
    }
    return off.map(({ name }): Finding => {
      const own =
        name === 'synchronous_commit' ? ' Also look whether role or database has its own: \\drds' : '';
      return {
        level: 'error',
        what: `${name} is off`,
        why: NEEDED[name] ?? '',
        fix: `ALTER SYSTEM SET ${name} = on; ${RELOAD}${own}`,
      };
    });
  },
};
