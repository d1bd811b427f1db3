import type { Claim, Progress } from '@reeve/sdk/protocol';
import { MAX_CHECKPOINT_BYTES } from '../../domain/tasks/checkpoint.js';
import type { Payload } from '../../domain/tasks/task.js';
import { toDomainPayload } from '../mapping/payload.js';
import { insist } from './insist.js';
import type { SessionContext } from './session-context.js';

/**
 * Keeps how far attempts are, for whoever looks, and in the record what they leave. Of leases the session does not hold
 * it notes nothing; whether what was left of them counts, the record alone says: they may have come on an older stream.
 * Resolves once the record has it.
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
    const payload = left[i];
    if (claim && payload) writes.push(save(session, claim, payload));
    const lease = claim && session.leases.get(claim.taskId);
    if (!lease || !note || lease.epoch !== Number(claim.epoch)) continue;
    if (progress.set(lease.taskId, note.fraction, note.text)) noted.push(lease.taskId);
  }
  if (noted.length > 0) onProgress(session.org, noted);
  await Promise.all(writes);
}

function save(session: SessionContext, { taskId, epoch }: Claim, payload: Payload): Promise<void> {
  const { record } = session.world.ports;
  const { org, peer } = session;
  const request = { org, taskId, epoch: Number(epoch), agentId: peer.agentId, payload };
  return session.backlog.keep(payload.data.length, () =>
    session.checkpoints.save(taskId, () => insist(session, () => record.saveCheckpoints([request]))),
  );
}
