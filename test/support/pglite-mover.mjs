// Opens the data folder argv[2], saying "moving" when a move has begun to fill the new
// database, and "opened" at the end.
import { watch } from 'node:fs';
import { openDataFolder } from '../../dist/postgres/data-folder/data-folder.js';
import { migrate } from '../../dist/postgres/migrate.js';

const log = { debug() {}, info() {}, warn() {}, error: console.error };
const watcher = watch(process.argv[2], (_event, name) => {
  if (name === 'pg18.partial') console.log('moving');
});
await openDataFolder({ dir: process.argv[2], log, version: 'test', migrate });
watcher.close();
console.log('opened');
