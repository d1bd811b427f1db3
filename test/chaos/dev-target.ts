import path from 'node:path';
import { readThroughSql } from '../support/checker-read.js';
import { type Exit, startCoordinator } from '../support/coordinator-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { createMember } from './member.js';
import { SHORT_TIMES, type Target } from './target.js';

/** One `reeve dev`, started again and again on the same folder. */
export function createDevTarget(
  logFolder: string,
  onUnasked: (name: string, exit: Exit) => void,
): Promise<Target> {
  const dataDir = temporaryFolder('chaos');
  const member = createMember({
    name: 'coordinator 1',
    logFile: path.join(logFolder, 'coordinator-1.log'),
    onUnasked,
    launch: (address, failpoints) =>
      startCoordinator({
        dataDir,
        args: SHORT_TIMES,
        ...(address && { address }),
        env: { REEVE_FAILPOINTS: failpoints },
        timeoutMs: 120_000,
      }),
  });
  return Promise.resolve({
    name: 'reeve dev',
    members: [member],
    stores: undefined,
    async readRecord() {
      await member.stop();
      return readThroughSql(dataDir);
    },
    close: () => member.kill(),
  });
}
