import path from 'node:path';
import { parseArgs } from 'node:util';
import { agent } from '@reeve/sdk';
import { handleCsv } from './handlers/csv-map-reduce.js';
import { handleDigests } from './handlers/document-digest.js';
import { handleForecasts } from './handlers/parameter-matrix.js';
import { handleStations } from './handlers/partial-failure.js';
import { handleReviews } from './handlers/review.js';
import { Shelf } from './handlers/shelf.js';

// Does the work of all the example workflows. What tasks name is read below one folder only.
const { values } = parseArgs({
  options: { root: { type: 'string', default: path.join('examples', 'workflows', 'data') } },
});
const worker = agent({ slots: 8 });
const shelf = new Shelf(values.root);

worker.handle('folder.list', async ({ folder, suffix }: { folder: string; suffix: string }) => {
  return { files: await shelf.list(folder, suffix) };
});
handleDigests(worker, shelf);
handleForecasts(worker);
handleCsv(worker, shelf);
handleReviews(worker, shelf);
handleStations(worker, shelf);

await worker.run();
