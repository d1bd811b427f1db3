import { type ReeveError, unavailable } from '../domain/errors.js';

/**
 * Named places at which a test can end or freeze the process, or make it lose a reply. They
 * stand at every crash point of the verbs; in a process without the setting `failpoints` they
 * do nothing.
 */
export const FAILPOINTS = [
  'submit.before-commit',
  'submit.after-commit',
  'submit.before-index',
  'claim.after-reserve',
  'claim.before-commit',
  'claim.after-commit',
  'claim.after-send',
  'accept.before-commit',
  'accept.after-commit',
  'renew.before-commit',
  'renew.after-commit',
  'settle.before-commit',
  'settle.after-commit',
  'settle.before-index',
  'expire.before-commit',
  'expire.after-commit',
  'cancel.before-commit',
  'cancel.after-commit',
  'cancel.before-index',
  'return.before-commit',
  'return.after-commit',
  'retry.before-commit',
  'retry.after-commit',
  'promote.before-commit',
  'promote.after-commit',
  'workflow.before-start',
  'workflow.after-start',
  'workflow.before-submit',
  'workflow.between-chunks',
  'workflow.before-gather',
  'workflow.after-gather',
  'workflow.before-commit',
  'workflow.after-commit',
  'workflow.before-cancel',
  'workflow.before-retry',
] as const;
export type Failpoint = (typeof FAILPOINTS)[number];

export interface Failpoints {
  /** Rejects with `lostReply` where a reply is to be lost. */
  hit(name: Failpoint): Promise<void> | undefined;
}

export const NO_FAILPOINTS: Failpoints = { hit: () => undefined };

/** As if a store had gone away at a failpoint: before it nothing has happened, after it what had to. */
export function lostReply(name: Failpoint): ReeveError {
  return unavailable('REPLY_LOST', `the reply was lost at ${name}`);
}
