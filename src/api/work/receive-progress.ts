import type { Progress } from '@reeve/sdk/protocol';
import type { SessionContext } from './session-context.js';

/** Keeps how far attempts are, for whoever looks. Reports of leases the session does not hold are dropped. */
export function receiveProgress(session: SessionContext, { reports }: Pick<Progress, 'reports'>): void {
  const { progress, onProgress } = session.world;
  const noted: string[] = [];
  for (const { claim, progress: note } of reports) {
    const lease = claim && session.leases.get(claim.taskId);
    if (!lease || !note || lease.epoch !== Number(claim.epoch)) continue;
    if (progress.set(lease.taskId, note.fraction, note.text)) noted.push(lease.taskId);
  }
  if (noted.length > 0) onProgress(session.org, noted);
}
