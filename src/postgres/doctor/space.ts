import { statfs } from 'node:fs/promises';
import { ask, type PostgresCheck } from './visit.js';

const HERE = /^(localhost|127\.|::1|\[::1\]|\/)/;
/** Less is a finding: this share of the disk, and so many bytes. */
const LEAST_SHARE = 0.1;
const LEAST_BYTES = 1 << 30;

interface Row {
  readonly bytes: number;
  /** Where the server keeps its data; null if this role may not know. */
  readonly folder: string | null;
}

const SPACE = `SELECT pg_database_size(current_database())::float8 AS bytes,
  CASE WHEN pg_has_role(current_user, 'pg_read_all_settings', 'usage') THEN current_setting('data_directory') END AS folder`;

/** How large the database is, and how much room is left where that can be seen. */
export const SPACE_LEFT: PostgresCheck = {
  name: 'disk',
  async look(visit) {
    const [row] = await ask<Row>(visit, 'space', SPACE);
    if (!row) return [];
    const size = `the database takes ${sizeText(row.bytes)}`;
    const disk = row.folder && HERE.test(visit.host) ? await statfs(row.folder).catch(() => null) : null;
    if (!disk) return [{ level: 'ok', what: `${size}; what is left cannot be seen from here` }];
    const free = disk.bavail * disk.bsize;
    const what = `${size}, ${sizeText(free)} are left on its disk`;
    if (free >= LEAST_BYTES && disk.bavail >= disk.blocks * LEAST_SHARE) return [{ level: 'ok', what }];
    return [
      {
        level: free < LEAST_BYTES ? 'error' : 'warning',
        what,
        why: 'With a full disk nothing is accepted any more.',
        fix: `Make room where ${row.folder} is.`,
      },
    ];
  },
};

/** `12.3 GB` */
function sizeText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1000 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step]}`;
}
