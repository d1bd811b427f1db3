import { create } from '@bufbuild/protobuf';
import {
  type HeldLease,
  type Hello,
  LeaseVerdict,
  ServerLimitsSchema,
  type WorkResponse,
} from '@reeve/sdk/protocol';
import type { Claim } from '../../domain/tasks/lease.js';
import type { TaskState } from '../../domain/tasks/task-state.js';
import type { LeaseState } from '../../ports/task-record.js';
import { acceptTasks } from '../../usecases/accept-tasks.js';
import { renewLeases } from '../../usecases/renew-leases.js';
import { durationOf } from '../mapping/time.js';
import { toClaim, workResponse } from './messages.js';
import type { SessionContext } from './session-context.js';

interface Verdict {
  readonly verdict: LeaseVerdict;
  readonly remainingMs: number;
  /** With CANCEL: why. */
  readonly cause?: string;
}

/** Why a lease in such a state is to be given up. */
const STOPPING: Partial<Record<TaskState, string>> = { CANCELLING: 'CANCELLED', PREEMPTING: 'PREEMPTED' };

/**
 * Answers Hello: registers the agent, judges the leases it still holds from before against
 * the record, and makes the process known to the index. Reconnecting is a comparison of
 * states, not a replay.
 *
 * @param isOver whether the stream has ended meanwhile: what it held may be elsewhere by then
 */
export async function greet(
  session: SessionContext,
  hello: Hello,
  isOver: () => boolean,
): Promise<WorkResponse> {
  const { world, org } = session;
  const { ports } = world;
  if (!hello.agent) throw new Error('hello without an agent passed the checker');
  const spec = world.toAgentSpec(hello.agent);
  await ports.fleet.register(org, spec);
  ports.fleet.connected(org, spec.agentId);

  const claims = hello.heldLeases.map(({ claim }) => ({
    org,
    taskId: claim?.taskId ?? '',
    epoch: Number(claim?.epoch),
  }));
  const verdicts = claims.length === 0 ? [] : await judge(session, claims, hello.heldLeases);
  const held = claims.filter((_, i) => isHeld(verdicts[i]));
  if (!isOver()) {
    await ports.index.putInstance({ org, sessionId: session.sessionId, spec, slots: hello.slots, held });
    // Leases that ended since they were read; the session was told of it, and its slots came after that.
    const ended = held.filter(({ taskId, epoch }) => session.leases.get(taskId)?.epoch !== epoch);
    await ports.index.freeSlots(ended, session.sessionId);
  }

  return workResponse({
    case: 'welcome',
    value: {
      sessionId: session.sessionId,
      leaseTtl: durationOf(ports.rules.leaseMs),
      renewInterval: durationOf(world.renewMs),
      pingInterval: durationOf(world.pingMs),
      acceptTimeout: durationOf(ports.rules.acceptMs),
      verdicts: claims.map((claim, i) => ({
        claim: toClaim(claim),
        verdict: verdicts[i]?.verdict ?? LeaseVerdict.LOST,
        remaining: durationOf(verdicts[i]?.remainingMs ?? 0),
        cause: verdicts[i]?.cause ?? '',
      })),
      limits: create(ServerLimitsSchema, world.limits),
    },
  });
}

function isHeld(verdict: Verdict | undefined): boolean {
  return verdict?.verdict === LeaseVerdict.KEEP || verdict?.verdict === LeaseVerdict.CANCEL;
}

async function judge(
  session: SessionContext,
  claims: readonly Claim[],
  held: readonly HeldLease[],
): Promise<readonly Verdict[]> {
  const { ports } = session.world;
  const states = await ports.record.getLeases(claims);
  const prolonged = await prolong(session, states);
  const mine = states.map((s) => {
    if (!s || s.lease.agentId !== session.peer.agentId) return null;
    if (prolonged.has(s.lease.taskId)) return { ...s, remainingMs: ports.rules.leaseMs };
    return s.remainingMs > 0 ? s : null;
  });

  // A held lease counts as an accept.
  const unaccepted = mine.flatMap((s) => (s?.state === 'ASSIGNED' ? [s.lease] : []));
  const refused = new Set((await acceptTasks(ports)(unaccepted)).map((lease) => lease.taskId));

  const ended = claims.filter((_, i) => mine[i] === null && held[i]?.hasUnackedResult === true);
  const recorded = await recordedResults(session, ended);
  return claims.map((claim, i) => {
    const state = mine[i];
    if (state && !refused.has(claim.taskId)) {
      session.leases.set(claim.taskId, state.lease);
      return verdictOf(state);
    }
    const verdict = recorded.has(claim.taskId) ? LeaseVerdict.RESULT_RECORDED : LeaseVerdict.LOST;
    return { verdict, remainingMs: 0 };
  });
}

/**
 * After an outage of the record leases may be over by its clock while their holders work on; as long
 * as nobody has ended them they are prolonged, like by a renewal.
 */
async function prolong(
  { world: { ports }, peer }: SessionContext,
  states: readonly (LeaseState | null)[],
): Promise<ReadonlySet<string>> {
  const over = states.flatMap((s) =>
    s && s.lease.agentId === peer.agentId && s.remainingMs === 0 ? [s.lease] : [],
  );
  if (over.length === 0 || (await ports.outages.settled())) return new Set();
  const renewals = await renewLeases(ports)(over);
  return new Set(over.filter((_, i) => renewals[i]?.verdict === 'KEEP').map(({ taskId }) => taskId));
}

function verdictOf({ state, remainingMs }: LeaseState): Verdict {
  const cause = STOPPING[state];
  return cause
    ? { verdict: LeaseVerdict.CANCEL, remainingMs, cause }
    : { verdict: LeaseVerdict.KEEP, remainingMs };
}

/** Of claims that are not current any more, those whose own result is in the record. */
async function recordedResults(
  session: SessionContext,
  claims: readonly Claim[],
): Promise<ReadonlySet<string>> {
  if (claims.length === 0) return new Set();
  const ids = claims.map((c) => c.taskId);
  const tasks = await session.world.ports.record.getTasks(session.org, ids, 'BASIC');
  return new Set(claims.filter((c, i) => tasks[i]?.result?.epoch === c.epoch).map((c) => c.taskId));
}
