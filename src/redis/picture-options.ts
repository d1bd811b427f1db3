import type { Condition } from '../domain/agents/eligibility.js';
import type { OrgTerms } from '../matching/org-terms.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';

export interface PictureOptions {
  readonly org: string;
  /** Of this coordinator: what it wrote in the journal about probes it knows already. */
  readonly me: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly minHealth: number;
  /** What organisations have set. */
  readonly terms: OrgTerms | undefined;
  /** What of its slots' time the rest keeps. */
  readonly restShare: () => number;
  /** Told when a lane may be served that could not before, without anything having been read. */
  readonly onRunnable: () => void;
  /** Told what Redis has of an agent, whenever it has been written. */
  readonly onCondition: (agentId: string, condition: Condition) => void;
  /** What a session of this coordinator has granted, which Redis may not have been told yet. */
  readonly grantedTo: (sessionId: string) => number;
}
