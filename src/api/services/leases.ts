import { create, fromBinary, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type AgentService,
  type AssignmentSchema,
  type Claim,
  type LeaseUpdate,
  LeaseVerdict,
  PayloadSchema,
  PayloadView,
  type ResultAck,
  TaskSpecSchema,
  type WorkResponse,
} from '@reeve/sdk/protocol';
import { agentNotFound, unavailable } from '../../domain/errors.js';
import { mayPass } from '../../domain/record-errors.js';
import type { Lease } from '../../domain/tasks/lease.js';
import type { HeldTask } from '../../ports/task-record.js';
import type { Handlers } from '../call.js';
import { linkSignals } from '../link-signals.js';
import { toProtoPayload } from '../mapping/payload.js';
import { durationOf, msOf, timestampOf } from '../mapping/time.js';
import { Backlog } from '../work/backlog.js';
import { CheckpointWrites } from '../work/checkpoint-writes.js';
import { toClaim } from '../work/messages.js';
import { receiveAccept, receiveDecline, receiveRenew } from '../work/receive-claims.js';
import { receiveProgress } from '../work/receive-progress.js';
import { receiveResults } from '../work/receive-results.js';
import type { SessionContext } from '../work/session-context.js';
import type { Context } from './context.js';

const MAX_WAIT_MS = 20_000;

export type LeaseHandlers = Pick<
  Handlers<typeof AgentService>,
  'leaseTasks' | 'acceptLeases' | 'renewLeases' | 'releaseLeases' | 'reportProgress' | 'reportResults'
>;

/**
 * The unary twins of the Work stream. Each call goes the way of the stream's messages, as a
 * session that knows only the leases it names and whose answers are the call's.
 */
export function leaseHandlers({ ports, unaryWork, closing }: Context): LeaseHandlers {
  const { world } = unaryWork;
  const { record, fleet, rules } = ports;

  return {
    async leaseTasks({ org }, request, call) {
      const { agentId, requestId, instanceKey } = request;
      const agent = await beat(org, agentId);
      const maxTasks = request.maxTasks || 1;
      const slots = request.slots || maxTasks;
      const poller = unaryWork.poller(org, agentId, instanceKey.toLowerCase(), slots);
      let tasks: readonly HeldTask[] =
        requestId === '' ? [] : await record.getLeasesOfRequest(org, agentId, requestId);
      if (tasks.length === 0) {
        if (closing.aborted) throw unavailable('SHUTTING_DOWN', 'the server is shutting down; ask again');
        const { signal, release } = linkSignals([call.signal, closing]);
        const maxWaitMs = msOf(request.maxWait) ?? MAX_WAIT_MS;
        const poll = {
          spec: agent.entry.spec,
          maxTasks,
          slots,
          maxWaitMs,
          requestId: requestId || null,
          signal,
        };
        tasks = await poller.poll(poll).finally(release);
      }
      const payloads = call.jsonPayloads ? PayloadView.JSON : PayloadView.DATA;
      return {
        assignments: tasks.map((task) => toAssignment(task, payloads, rules.leaseMs)),
        acceptTimeout: durationOf(rules.acceptMs),
        leaseTtl: durationOf(rules.leaseMs),
        renewInterval: durationOf(world.renewMs),
      };
    },

    async acceptLeases({ org }, { agentId, claims }) {
      const session = await sessionOf(org, agentId, claims);
      await receiveAccept(session, { claims });
      await unaryWork.forget(session.over);
      const lost = new Map(session.updates().map((u) => [keyOf(u.claim), u]));
      const kept = { verdict: LeaseVerdict.KEEP, remaining: durationOf(rules.leaseMs) };
      return { updates: claims.map((claim) => lost.get(keyOf(claim)) ?? { claim, ...kept }) };
    },

    async renewLeases({ org }, { agentId, claims }) {
      const session = await sessionOf(org, agentId, claims);
      await receiveRenew(session, { claims });
      await unaryWork.forget(session.over);
      const updates = new Map(session.updates().map((u) => [keyOf(u.claim), u]));
      return {
        updates: claims.map((claim) => updates.get(keyOf(claim)) ?? { claim, verdict: LeaseVerdict.LOST }),
      };
    },

    async releaseLeases({ org }, { agentId, claims, reason }) {
      const session = await sessionOf(org, agentId, claims);
      await receiveDecline(session, { claims, reason });
      await unaryWork.forget(session.over);
      return {};
    },

    async reportProgress({ org }, { agentId, reports }) {
      const session = await sessionOf(
        org,
        agentId,
        reports.flatMap((r) => r.claim ?? []),
      );
      await receiveProgress(session, { reports }, 'reports');
      return {};
    },

    async reportResults({ org }, { agentId, results }) {
      const session = await sessionOf(org, agentId, []);
      const claims = results.flatMap(({ claim }) => (claim ? [named(org, agentId, claim)] : []));
      // What was handed out here is known, and since when: the record is asked for the rest.
      for (const lease of unaryWork.held(claims)) session.leases.set(lease.taskId, lease);
      await receiveResults(session, { results });
      await unaryWork.forget(claims);
      const acks = session.acks();
      // One acknowledgement a result, whichever way it went.
      return {
        acks: results.flatMap((r) =>
          take(acks, (a) => a.resultId === r.resultId && sameClaim(a.claim, r.claim)),
        ),
      };
    },
  };

  /** Every call is a sign of life. */
  async function beat(org: string, agentId: string) {
    const agent = await fleet.find(org, agentId);
    if (!agent || !fleet.heartbeat(org, agentId, null)) throw agentNotFound(agentId);
    return agent;
  }

  /** While the record is away, those that this coordinator has handed out, if all of them are. */
  async function leasesOf(asked: Parameters<typeof unaryWork.held>[0]): Promise<readonly Lease[]> {
    try {
      return (await record.getLeases(asked)).flatMap((state) => state?.lease ?? []);
    } catch (error) {
      const held = unaryWork.held(asked);
      if (mayPass(error) && held.length === asked.length) return held;
      throw error;
    }
  }

  async function sessionOf(org: string, agentId: string, claims: readonly Claim[]): Promise<UnarySession> {
    await beat(org, agentId);
    const asked = claims.map((claim) => named(org, agentId, claim));
    const leases = new Map<string, Lease>();
    for (const lease of asked.length === 0 ? [] : await leasesOf(asked))
      if (lease.agentId === agentId) leases.set(lease.taskId, lease);
    const sent: WorkResponse[] = [];
    const over: Lease[] = [];
    return {
      world,
      org,
      sessionId: '',
      peer: { agentId, instanceKey: '', slots: 0 },
      leases,
      insists: false,
      backlog: new Backlog(),
      checkpoints: new CheckpointWrites(),
      settling: new Set(),
      send: (message) => void sent.push(message),
      over,
      forget(taskId) {
        const lease = leases.get(taskId);
        if (lease) over.push(lease);
        leases.delete(taskId);
        world.progress.delete(taskId);
      },
      updates: () => sent.flatMap(({ message: m }) => (m.case === 'leaseUpdates' ? m.value.updates : [])),
      acks: () => sent.flatMap(({ message: m }) => (m.case === 'resultAcks' ? m.value.acks : [])),
    };
  }
}

interface UnarySession extends SessionContext {
  /** Leases that ended by the call. */
  readonly over: readonly Lease[];
  updates(): LeaseUpdate[];
  acks(): ResultAck[];
}

function named(org: string, agentId: string, { taskId, epoch }: Claim) {
  return { org, agentId, taskId: taskId.toLowerCase(), epoch: Number(epoch) };
}

function keyOf(claim: Claim | undefined): string {
  return `${claim?.taskId.toLowerCase()} ${claim?.epoch}`;
}

function sameClaim(a: Claim | undefined, b: Claim | undefined): boolean {
  return keyOf(a) === keyOf(b);
}

/** Takes the first that matches out of a list. */
function take<T>(list: T[], matches: (item: T) => boolean): T[] {
  const at = list.findIndex(matches);
  return at < 0 ? [] : list.splice(at, 1);
}

function toAssignment(
  { lease, body, createTime, checkpoint }: HeldTask,
  payloads: PayloadView,
  leaseMs: number,
): MessageInitShape<typeof AssignmentSchema> {
  const spec = fromBinary(TaskSpecSchema, body);
  const { input } = spec;
  if (input?.content.case === 'data') {
    spec.input = create(
      PayloadSchema,
      toProtoPayload({ mediaType: input.mediaType, data: input.content.value }, payloads),
    );
  }
  return {
    claim: toClaim(lease),
    spec,
    attempt: lease.attempt,
    leaseTtl: durationOf(leaseMs),
    createTime: timestampOf(createTime),
    ...(checkpoint && { checkpoint: toProtoPayload(checkpoint, payloads) }),
  };
}
