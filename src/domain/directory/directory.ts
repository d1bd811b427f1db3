import type { JsonObject } from '../json.js';

/** A role that subjects may hold; see `Role` in directory.proto. */
export interface Role {
  readonly roleId: string;
  readonly roleType: string;
  /** Empty: it counts in all job spaces. */
  readonly jobSpaceId: string;
  readonly groupIds: readonly string[];
  readonly attributes: JsonObject;
  readonly description: string;
  readonly updateTime: number;
}

/** Somebody of an organisation; see `Subject` in directory.proto. */
export interface Subject {
  readonly subjectId: string;
  readonly subjectType: string;
  readonly roleIds: readonly string[];
  readonly groupIds: readonly string[];
  readonly attributes: JsonObject;
  readonly updateTime: number;
}
