import { DEFAULT_ORG_CONFIG, type OrgConfig } from '../domain/config/org-config.js';
import type { JobKind } from '../domain/jobs/job-kind.js';
import type { Policy } from '../domain/policies/policy.js';

/** An organisation's own rules, as of one moment. */
export interface OrgSnapshot {
  readonly org: string;
  /** Rises with every change of anything below; 0: nothing was ever set. */
  readonly version: number;
  readonly config: OrgConfig;
  /** The newest version of each that is not deleted, by id. */
  readonly policies: ReadonlyMap<string, Policy>;
  readonly jobKinds: ReadonlyMap<string, JobKind>;
}

/** What organisations have set, as this coordinator knows it: at most a second old. */
export interface OrgRules {
  /** Reads it if it is not known yet. @throws UNAVAILABLE if that cannot be done */
  of(org: string): OrgSnapshot | Promise<OrgSnapshot>;
  /** What is known at once: nothing set, until it has been read, which begins now. */
  known(org: string): OrgSnapshot;
  /** All that is known at once. */
  all(): Iterable<OrgSnapshot>;
  /**
   * To be told of a change that was made here, after its commit: once it resolves, it is in force here, and the
   * others have been told. Where it cannot be read now it is in force as soon as it can; never rejects.
   */
  changed(org: string): Promise<void>;
  /** Calls `listener` whenever an organisation's rules are others than before, first reads included. */
  onChanged(listener: (snapshot: OrgSnapshot) => void): void;
}

export function emptySnapshot(org: string, config: OrgConfig = DEFAULT_ORG_CONFIG): OrgSnapshot {
  return { org, version: 0, config, policies: new Map(), jobKinds: new Map() };
}

/** Of organisations that never set anything. */
export const NO_ORG_RULES: OrgRules = {
  of: (org) => emptySnapshot(org),
  known: (org) => emptySnapshot(org),
  all: () => [],
  changed: async () => undefined,
  onChanged() {},
};
