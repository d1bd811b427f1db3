import { type ReportResults, type ResultReport, ResultReportSchema } from '@reeve/sdk/protocol';
import type { Lease } from '../../domain/tasks/lease.js';
import { DEFAULT_RETRY } from '../../domain/tasks/retry.js';
import { type ResultItem, settleResults } from '../../usecases/settle-results.js';
import { decodeResult } from './decode-result.js';
import { refusedVerdict, toResultVerdict, workResponse } from './messages.js';
import type { SessionContext } from './session-context.js';

/**
 * Settles reported results and acknowledges them once the record has them. Results of leases
 * the session does not know (from before a reconnection, say) are looked up first: the
 * record alone decides whether they count.
 */
export async function receiveResults(session: SessionContext, { results }: ReportResults): Promise<void> {
  const { world } = session;
  const named = results.filter((r) => r.claim !== undefined && r.claim.taskId !== '');
  const leases = await leasesOf(session, named);
  const refusals: (string | null)[] = [];
  const items = named.map((report, i): ResultItem => {
    const [violation] = world.check(ResultReportSchema, report);
    const why = violation ? `${violation.field}: ${violation.description}` : null;
    const { result, refused } = decodeResult(report, world.limits.maxPayloadBytes, why);
    refusals.push(refused);
    return { lease: leases[i] ?? foreign(session, report), resultId: report.resultId, result };
  });
  const outcomes = await settleResults(world.ports)(items);
  const acks = items.map(({ lease, resultId }, i) => {
    const outcome = outcomes[i] ?? { kind: 'NOT_FOUND' };
    if (session.leases.get(lease.taskId)?.epoch === lease.epoch) session.forget(lease.taskId);
    const refused = outcome.kind === 'OK' ? refusals[i] : null;
    const verdict = refused ? refusedVerdict(refused) : toResultVerdict(outcome);
    return { claim: { taskId: lease.taskId, epoch: BigInt(lease.epoch) }, resultId, ...verdict };
  });
  if (acks.length > 0) session.send(workResponse({ case: 'resultAcks', value: { acks } }));
}

async function leasesOf(
  session: SessionContext,
  reports: readonly ResultReport[],
): Promise<(Lease | null)[]> {
  const known = reports.map(({ claim }) => {
    const lease = session.leases.get(claim?.taskId ?? '');
    return lease && lease.epoch === Number(claim?.epoch) ? lease : null;
  });
  const missing = reports.filter((_, i) => known[i] === null);
  if (missing.length === 0) return known;
  const claims = missing.map(({ claim }) => ({
    org: session.org,
    taskId: claim?.taskId ?? '',
    epoch: Number(claim?.epoch),
  }));
  const found = await session.world.ports.record.getLeases(claims);
  const { agentId } = session.peer;
  return known.map((lease, i) => {
    if (lease) return lease;
    const state = found[missing.indexOf(reports[i] as ResultReport)];
    return state?.lease.agentId === agentId ? state.lease : null;
  });
}

/** A claim that is not current: the record will refuse it, or knows its result already. */
function foreign(session: SessionContext, { claim }: ResultReport): Lease {
  return {
    org: session.org,
    taskId: claim?.taskId ?? '',
    epoch: Number(claim?.epoch),
    agentId: session.peer.agentId,
    attempt: 0,
    deliveries: 0,
    retry: DEFAULT_RETRY,
    attemptTimeoutMs: null,
  };
}
