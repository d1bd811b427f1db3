import type { JsonObject } from '../json.js';

/** What tasks of a kind have to be like; see `JobKind` in job_kind.proto. */
export interface JobKind {
  readonly org: string;
  readonly kind: string;
  readonly inputSchema: JsonObject | null;
  readonly requiredFields: readonly string[];
  /** CEL; empty: nothing is to be checked at dispatch. */
  readonly validate: string;
  readonly description: string;
  /** LOW tasks of it may be sent back while they run, where a person waits for a slot. */
  readonly preemptible: boolean;
  /** Rises with each put. */
  readonly version: number;
  readonly updateTime: number;
  readonly actor: string;
}
