/** Who makes a call, and for which organisation. Every use case takes one. */
export interface Principal {
  /** The organisation all of the call's reads and writes are confined to. */
  readonly org: string;
  /** The subject id, for the audit trail. */
  readonly subject: string;
  readonly roles: readonly string[];
}

/** Whether the principal may say that work is HUMAN or CRITICAL. */
export function maySubmitHuman(principal: Principal): boolean {
  return principal.roles.includes('admin') || principal.roles.includes('tasks.submit_human');
}
