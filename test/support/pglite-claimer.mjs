// On each line of stdin tries to become the owner of the folder argv[2]; answers "own", or
// the error as JSON. Keeps what it owns until it is killed or told "release".
import { createInterface } from 'node:readline';
import { ownFolder } from '../../dist/postgres/data-folder/folder-owner.js';

let owner;
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  try {
    if (line === 'release') {
      await owner.release();
      console.log('released');
      continue;
    }
    owner = await ownFolder(process.argv[2]);
    owner.announce('127.0.0.1:4711');
    console.log('own');
  } catch (error) {
    const { code, reason, message, details } = error;
    console.log(JSON.stringify({ code, reason, message, metadata: details?.metadata }));
  }
}
