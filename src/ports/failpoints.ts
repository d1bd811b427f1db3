/**
 * Named places at which a test can end or freeze the process. They stand at every crash
 * point of the verbs; in a process without the setting `failpoints` they do nothing.
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
] as const;
export type Failpoint = (typeof FAILPOINTS)[number];

export interface Failpoints {
  hit(name: Failpoint): Promise<void> | undefined;
}

export const NO_FAILPOINTS: Failpoints = { hit: () => undefined };
