import type { Instance } from '../ports/ready-index.js';

/** A connected process of an agent, as the index keeps it. */
export interface InstanceState {
  readonly org: string;
  readonly agentId: string;
  readonly sessionId: string;
  spec: Instance['spec'];
  slots: number;
  inFlight: number;
  /** Both cumulative over the session; credit is what lies between them. */
  granted: number;
  assigned: number;
  lastChosen: number;
}
