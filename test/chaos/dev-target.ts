import path from 'node:path';
import { readThroughSql } from '../support/checker-read.js';
import { startCoordinator } from '../support/coordinator-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { createMember } from './member.js';
import type { TargetNeeds } from './run.js';
import { SHORT_TIMES, type Target } from './target.js';

/** One `reeve dev`, started again and again on the same folder. */
export function createDevTarget({ folder, onUnasked }: TargetNeeds): Promise<Target> {
  const dataDir = temporaryFolder('chaos');
  const member = createMember({
    name: 'coordinator 1',
    logFile: path.join(folder, 'coordinator-1.log'),
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
