import type { Condition } from '../domain/agents/eligibility.js';
import type { Candidate } from '../domain/selection/strategy.js';
import type { Instance } from '../ports/ready-index.js';

/** What the processes of an agent have in common. */
export interface AgentState {
  condition: Condition;
  report: Candidate['agent']['report'];
  /** It gets nothing, as enough other agents of its organisation have a task. */
  isBarred: boolean;
}

/** A connected process of an agent, as the index keeps it. */
export interface InstanceState extends Candidate {
  readonly org: string;
  readonly agent: AgentState;
  spec: Instance['spec'];
  slots: number;
  inFlight: number;
  /** Both cumulative over the session; credit is what lies between them. */
  granted: number;
  assigned: number;
  lastChosen: number;
  /** Reservations that are neither confirmed nor released. */
  reserved: number;
  /** Nobody waits for tasks at the moment: credit was taken back, until the next grant. */
  withdrawn: boolean;
  /** Of the newest grant. */
  requestId: string | null;
}

/** Whether it takes a task now. */
export function hasCredit({ granted, assigned, agent }: InstanceState): boolean {
  return granted > assigned && !agent.isBarred;
}
