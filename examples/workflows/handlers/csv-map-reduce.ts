import type { Agent } from '@reeve/sdk';
import { refused, type Shelf } from './shelf.js';

/** Rows of a file below its heading, the first of them 0. */
interface Chunk {
  readonly from: number;
  readonly to: number;
}

interface Sum {
  readonly sum: number;
  readonly rows: number;
}

/** csv-map-reduce.yaml */
export function handleCsv(agent: Agent, shelf: Shelf): void {
  agent.handle('csv.split', async ({ file, rows: size }: { file: string; rows: number }) => {
    const { rows } = await table(shelf, file);
    const count = Math.ceil(rows.length / size);
    const chunks = Array.from({ length: count }, (_, i): Chunk => {
      return { from: i * size, to: Math.min((i + 1) * size, rows.length) };
    });
    return { rows: rows.length, chunks };
  });

  agent.handle(
    'csv.sum',
    async ({ file, chunk, by, of }: { file: string; chunk: Chunk; by: string; of: string }) => {
      const { heading, rows } = await table(shelf, file);
      const [key, value] = [column(heading, by, file), column(heading, of, file)];
      const sums = new Map<string, Sum>();
      for (const row of rows.slice(chunk.from, chunk.to)) {
        const name = row[key] ?? '';
        const before = sums.get(name) ?? { sum: 0, rows: 0 };
        sums.set(name, { sum: before.sum + Number(row[value]), rows: before.rows + 1 });
      }
      return Object.fromEntries(sums);
    },
  );

  agent.handle('sums.rank', ({ sums }: { sums: Readonly<Record<string, Sum>> }) => {
    const ranked = Object.entries(sums).map(([key, { sum, rows }]) => ({ key, sum, rows }));
    return ranked.sort((a, b) => b.sum - a.sum);
  });
}

/** Without quotes: what is between commas. */
async function table(shelf: Shelf, file: string) {
  const [heading = [], ...rows] = (await shelf.read(file))
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => line.split(','));
  return { heading, rows };
}

function column(heading: readonly string[], name: string, file: string): number {
  const at = heading.indexOf(name);
  if (at < 0) throw refused('NoSuchColumn', `${file} has no column ${name}`);
  return at;
}
