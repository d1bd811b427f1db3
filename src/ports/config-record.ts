import type { JobKind } from '../domain/jobs/job-kind.js';
import type { JsonValue } from '../domain/json.js';
import type { Policy } from '../domain/policies/policy.js';

/** A parameter as it is stored. */
export interface StoredParameter {
  readonly key: string;
  readonly value: JsonValue;
  /** Rises with each set; its text is the etag. */
  readonly version: number;
  readonly updateTime: number;
  readonly actor: string;
}

/** A change, made only if what is there is as it was read. `expected`: 0 for not there; `null`: whatever it is. */
interface Conditional {
  readonly org: string;
  readonly expected: number | null;
  readonly actor: string;
}

/** A change that is right only as long as the rules are those that it was checked against. */
interface Checked extends Conditional {
  /** The version of the organisation's rules that it was checked against; `null`: whatever they are. */
  readonly asOf: number | null;
}

/** Nothing was written: the rules are no longer those that the change was checked against. */
export interface RulesChanged {
  readonly kind: 'RULES_CHANGED';
}

/** CHANGED_SINCE: it is not as it was read; `found` is what is there. TOO_MANY: the organisation may have no more. */
export type Put<T> =
  | { readonly kind: 'OK'; readonly value: T }
  | { readonly kind: 'CHANGED_SINCE'; readonly found: T | null }
  | { readonly kind: 'TOO_MANY' }
  /** Of a policy: its kind is another. */
  | { readonly kind: 'OTHER_KIND'; readonly found: T };

/** Parameters, policies and kinds of jobs that one organisation may have. */
export const MAX_PARAMETERS = 1_000;
export const MAX_POLICIES = 1_000;
export const MAX_JOB_KINDS = 1_000;
/** Characters of all values of an organisation's parameters as JSON with blanks: every policy gets them. */
export const MAX_PARAMETER_LENGTH = 512 * 1024;
/** Characters of the schemas, as JSON with blanks, and expressions of an organisation's kinds of jobs. */
export const MAX_JOB_KIND_LENGTH = 2 * 1024 * 1024;
/** Versions of an organisation's policies that are kept; then those that were replaced the longest ago go. */
export const MAX_POLICY_VERSIONS = 10_000;
/** Organisations that one answer of `changedVersions` names: those that changed last. */
export const MAX_CHANGED = 10_000;

/** All that an organisation has set, as of one moment. */
export interface StoredRules {
  /** 0: nothing was ever set. */
  readonly version: number;
  readonly parameters: readonly StoredParameter[];
  /** The newest version of each that is not deleted. */
  readonly policies: readonly Policy[];
  readonly jobKinds: readonly JobKind[];
}

/**
 * The record of what organisations have set. Every change raises the organisation's version in the same
 * transaction; what it answers is committed.
 */
export interface ConfigRecord {
  setParameter(
    change: Checked & { readonly key: string; readonly value: JsonValue },
  ): Promise<Put<StoredParameter> | RulesChanged>;
  /** `null`: it was not set. */
  deleteParameter(
    change: Checked & { readonly key: string },
  ): Promise<Put<StoredParameter> | RulesChanged | null>;
  listParameters(org: string): Promise<readonly StoredParameter[]>;

  putPolicy(
    change: Conditional & { readonly policy: Omit<Policy, 'version' | 'createTime' | 'deleted'> },
  ): Promise<Put<Policy>>;
  /** `null`: there is none. */
  deletePolicy(change: Checked & { readonly policyId: string }): Promise<Put<Policy> | RulesChanged | null>;
  /** A version that may be deleted; `null`: there is none. */
  getPolicy(org: string, policyId: string, version: number): Promise<Policy | null>;
  /** The newest version of each that is not deleted, by id. */
  listPolicies(org: string): Promise<readonly Policy[]>;
  /** Newest first, below `before` (`null`: from the newest), at most `limit`. */
  listPolicyVersions(
    org: string,
    policyId: string,
    before: number | null,
    limit: number,
  ): Promise<readonly Policy[]>;

  putJobKind(
    change: Conditional & { readonly jobKind: Omit<JobKind, 'version' | 'updateTime'> },
  ): Promise<Put<JobKind>>;
  deleteJobKind(change: Conditional & { readonly kind: string }): Promise<Put<JobKind> | null>;
  listJobKinds(org: string): Promise<readonly JobKind[]>;

  readRules(org: string): Promise<StoredRules>;
  /** The version of an organisation's rules; 0: nothing was ever set. */
  versionOf(org: string): Promise<number>;
  /** Versions of organisations that have changed within the last `withinMs`. */
  changedVersions(withinMs: number): Promise<ReadonlyMap<string, number>>;
}
