import path from 'node:path';
import { expect, test } from 'vitest';
import { openPglite } from '../../src/postgres/drivers/pglite.js';
import { startLineProcess } from '../support/pglite-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

test('a process killed in the middle of its writes, vacuums and checkpoints loses nothing it acknowledged', async () => {
  const dir = temporaryFolder('kill');
  for (const rows of [40, 350, 120]) {
    const writer = startLineProcess('pglite-writer.mjs', [dir]);
    let last = 0;
    const first = Number(await writer.nextLine());
    while (last < first + rows) last = Number(await writer.nextLine());
    const unread = await writer.kill();
    const acknowledged = Number(unread.at(-1) ?? last);

    const db = await openPglite({ dir: path.join(dir, 'pg18'), log: SILENT });
    const [kept] = await db.read<{ count: number; highest: number; hot: number }>(
      { name: '', text: 'SELECT count(*), max(n) AS highest, (SELECT n FROM hot) AS hot FROM kept' },
      [],
    );
    await db.close();
    expect(kept?.highest).toBeGreaterThanOrEqual(acknowledged);
    expect(kept).toMatchObject({ count: kept?.highest, hot: kept?.highest });
  }
}, 120_000);
