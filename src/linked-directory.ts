import type { OrgTerms } from './matching/org-terms.js';
import { createCandidatePools, type RunningPools } from './memory/candidate-pools.js';
import { createDirectories } from './memory/directories.js';
import type { RemoteCaller } from './policies/remote/remote-caller.js';
import { createRemoteDirectories } from './policies/remote/remote-directory.js';
import type { Clock } from './ports/clock.js';
import type { Directories } from './ports/directories.js';
import type { DirectoryRecord } from './ports/directory-record.js';
import type { Log } from './ports/log.js';
import type { OrgRules } from './ports/org-rules.js';

interface Needs {
  readonly record: DirectoryRecord;
  readonly orgRules: OrgRules;
  readonly caller: RemoteCaller;
  readonly clock: Clock;
  readonly log: Log;
}

/** Who belongs to whom, for one coordinator. */
export interface LinkedDirectory {
  readonly directories: Directories;
  readonly pools: RunningPools;
  /** What the index sorts agents by. */
  readonly terms: OrgTerms;
}

/** Puts together the directories of organisations, and what agents are sorted by. */
export function linkDirectory({ record, orgRules, caller, clock, log }: Needs): LinkedDirectory {
  const openRemote = createRemoteDirectories(caller, clock);
  const directories = createDirectories({ record, orgRules, openRemote });
  const pools = createCandidatePools({ directories, orgRules, clock, log });
  const terms: OrgTerms = {
    minHealthOf: (org) => orgRules.known(org).config.minHealth,
    isInPool: (org, pool, subjectId) => pools.has(org, pool, subjectId),
    onChanged(listener) {
      pools.onChanged(listener);
      orgRules.onChanged(({ org }) => listener(org));
    },
  };
  return { directories, pools, terms };
}
