import { type ReportResults, type ResultReport, ResultReportSchema } from '@reeve/sdk/protocol';
import type { FieldViolation } from '../../domain/errors.js';
import type { Lease } from '../../domain/tasks/lease.js';
import { DEFAULT_RETRY } from '../../domain/tasks/retry.js';
import { type ResultItem, settleResults } from '../../usecases/settle-results.js';
import { decodeResult } from './decode-result.js';
import { insist } from './insist.js';
import { refusedVerdict, toClaim, toResultAcks, toResultVerdict } from './messages.js';
import type { SessionContext } from './session-context.js';

/**
 * Settles reported results and acknowledges them once the record has them. Results of leases
 * the session does not know (from before a reconnection, say) are looked up first: the
 * record alone decides whether they count.
 */
export async function receiveResults(
  session: SessionContext,
  { results }: Pick<ReportResults, 'results'>,
): Promise<void> {
  const { check } = session.world;
  const named: Checked[] = [];
  const nameless: ResultReport[] = [];
  for (const report of results) {
    const violations = check(ResultReportSchema, report);
    const isNamed = report.claim && !violations.some(({ field }) => /^claim\b/.test(field));
    if (isNamed) named.push({ report, violations });
    else nameless.push(report);
  }
  if (nameless.length > 0) {
    const verdict = refusedVerdict('claim: must name a task and an epoch');
    session.send(toResultAcks(nameless.map(({ claim, resultId }) => ({ claim, resultId, ...verdict }))));
  }
  const ids = named.map(({ report }) => report.claim?.taskId ?? '');
  const writes = session.checkpoints.settled(ids);
  for (const id of ids) session.settling.add(id);
  try {
    await session.backlog.keep(bytesOf(named), async () => {
      if (writes) await writes;
      await settle(session, named);
    });
  } finally {
    for (const id of ids) session.settling.delete(id);
  }
}

/** A report that names a claim, and the rules that it breaks otherwise. */
interface Checked {
  readonly report: ResultReport;
  readonly violations: readonly FieldViolation[];
}

async function settle(session: SessionContext, checked: readonly Checked[]): Promise<void> {
  const { world } = session;
  const reports = checked.map(({ report }) => report);
  const decoded = checked.map(({ report, violations }) => {
    const [first] = violations;
    const why = first ? `${first.field}: ${first.description}` : null;
    const { result, refused } = decodeResult(report, world.limits.maxPayloadBytes, why);
    // The failure that is recorded in place of a result without a proper name needs one.
    const unnamed = violations.some((v) => v.field === 'result_id');
    const resultId = unnamed ? world.ports.ids.uuid() : report.resultId;
    return { result, refused, resultId };
  });
  const { items, outcomes } = await insist(session, async () => {
    const leases = await leasesOf(session, reports);
    const items = decoded.map(({ result, resultId }, i): ResultItem => {
      return { lease: leases[i] ?? foreign(session, reports[i] as ResultReport), resultId, result };
    });
    return { items, outcomes: await settleResults(world.ports)(items) };
  });
  // What was recorded between a reconnection's look at its leases and their slots holds one for ever.
  const over = items
    .filter((_, i) => outcomes[i]?.kind !== 'OK')
    .map(({ lease }) => lease)
    .filter(({ taskId, epoch }) => session.leases.get(taskId)?.epoch === epoch);
  if (over.length > 0) await world.ports.index.freeSlots(over, session.sessionId);
  const acks = items.map(({ lease }, i) => {
    const outcome = outcomes[i] ?? { kind: 'NOT_FOUND' };
    if (session.leases.get(lease.taskId)?.epoch === lease.epoch) session.forget(lease.taskId);
    const refused = outcome.kind === 'OK' ? decoded[i]?.refused : null;
    const { verdict, message } = refused ? refusedVerdict(refused) : toResultVerdict(outcome, lease.epoch);
    return { claim: toClaim(lease), resultId: reports[i]?.resultId ?? '', verdict, message };
  });
  if (acks.length > 0) session.send(toResultAcks(acks));
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

function bytesOf(checked: readonly Checked[]): number {
  let bytes = 0;
  for (const { report } of checked) {
    const { result } = report;
    for (const payload of [result?.output, result?.error?.detail])
      bytes += payload?.content.case === 'data' ? payload.content.value.length : 0;
  }
  return bytes;
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
