import type { Progress } from '@reeve/sdk/protocol';
import { MAX_CHECKPOINT_BYTES } from '../../domain/tasks/checkpoint.js';
import type { Lease } from '../../domain/tasks/lease.js';
import type { Payload } from '../../domain/tasks/task.js';
import { toDomainPayload } from '../mapping/payload.js';
import { insist } from './insist.js';
import type { SessionContext } from './session-context.js';

/**
 * Keeps how far attempts are, for whoever looks, and in the record what they leave. Reports of leases the session does
 * not hold are dropped. Resolves once the record has it.
 *
 * @param path where the reports are in the request, for errors
 * @throws INVALID_ARGUMENT (PAYLOAD_TOO_LARGE), and nothing is kept
 */
export async function receiveProgress(
  session: SessionContext,
  { reports }: Pick<Progress, 'reports'>,
  path: string,
): Promise<void> {
  const left = reports.map(({ checkpoint }, i) => {
    return checkpoint && toDomainPayload(checkpoint, `${path}[${i}].checkpoint`, MAX_CHECKPOINT_BYTES);
  });
  const { progress, onProgress } = session.world;
  const noted: string[] = [];
  const writes: Promise<void>[] = [];
  for (const [i, { claim, progress: note }] of reports.entries()) {
    const lease = claim && session.leases.get(claim.taskId);
    if (!lease || !note || lease.epoch !== Number(claim.epoch)) continue;
    if (progress.set(lease.taskId, note.fraction, note.text)) noted.push(lease.taskId);
    const payload = left[i];
    if (payload) writes.push(save(session, lease, payload));
  }
  if (noted.length > 0) onProgress(session.org, noted);
  await Promise.all(writes);
}

function save(session: SessionContext, lease: Lease, payload: Payload): Promise<void> {
  const { record } = session.world.ports;
  const { org, taskId, epoch, agentId } = lease;
  const request = { org, taskId, epoch, agentId, payload };
  return session.backlog.keep(payload.data.length, () =>
    session.checkpoints.save(taskId, () => insist(session, () => record.saveCheckpoints([request]))),
  );
}
