/** The code that a reason begins with: TASK_FAILED of `TASK_FAILED: a.x`. Empty: it has none. */
export function codeOf(reason: string): string {
  return /^[A-Z][A-Z_]*(?=:|$)/.exec(reason)?.[0] ?? '';
}

/** What a reason says after its code. */
export function wordsAfterCode(reason: string): string {
  return reason.slice(codeOf(reason).length).replace(/^:?\s*/, '');
}

/** The reason of one node, told of what it is a part of: `TASK_FAILED: a.x: out of paper`. */
export function reasonOf(address: string, reason: string): string {
  const code = codeOf(reason);
  const words = wordsAfterCode(reason);
  return `${code === '' ? 'TASK_FAILED' : code}: ${address}${words === '' ? '' : `: ${words}`}`;
}

/** What comes between why a node is ESCALATED, and how it goes on. */
const WAITS = '; it waits until ';

/** @param until completes `it waits until` */
export function waitingReason(why: string, until: string): string {
  return `${why}${WAITS}${until}`;
}

/** The reason of a node that waits no longer. */
export function withoutWaiting(reason: string): string {
  const end = reason.indexOf(WAITS);
  return end < 0 ? reason : reason.slice(0, end);
}

/** Why several did not come to what they should. */
export function failedReason(addresses: readonly string[]): string {
  const some = addresses.slice(0, 5).join(', ');
  const more = addresses.length > 5 ? ` and ${addresses.length - 5} more` : '';
  return `TASK_FAILED: ${some}${more} did not succeed`;
}
