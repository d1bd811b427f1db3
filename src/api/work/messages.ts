import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { durationFromMs, timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  type Assignment,
  AssignmentSchema,
  type Claim,
  ClaimSchema,
  LeaseVerdict,
  ResultVerdict,
  type WorkResponse,
  WorkResponseSchema,
} from '@reeve/sdk/protocol';
import type { Claim as DomainClaim, Lease } from '../../domain/tasks/lease.js';
import { isLeased } from '../../domain/tasks/task-state.js';
import type { CancelNotice, Delivery } from '../../ports/agent-sessions.js';
import type { SettleOutcome } from '../../ports/task-record.js';
import type { Renewal } from '../../usecases/renew-leases.js';

/** Builds the messages that the server sends on a Work stream. */
export function workResponse(
  message: MessageInitShape<typeof WorkResponseSchema>['message'] & object,
): WorkResponse {
  return create(WorkResponseSchema, { message });
}

export function toClaim(claim: Omit<DomainClaim, 'org'>): Claim {
  return create(ClaimSchema, { taskId: claim.taskId, epoch: BigInt(claim.epoch) });
}

export function toDuration(ms: number) {
  return durationFromMs(Math.max(0, Math.round(ms)));
}

const SPEC_FIELD = AssignmentSchema.field.spec.number;

/**
 * An assignment whose spec stays the bytes it was submitted as: they ride along as an
 * unknown field of the same number, which is written as it is. (Decoding and encoding a
 * spec of 455 bytes would cost about 14 µs a task.)
 */
export function toAssignment({ lease, body, createTime }: Delivery, leaseMs: number): Assignment {
  const assignment = create(AssignmentSchema, {
    claim: toClaim(lease),
    attempt: lease.attempt,
    leaseTtl: toDuration(leaseMs),
    createTime: timestampFromMs(createTime),
  });
  const data = new BinaryWriter().bytes(body).finish();
  assignment.$unknown = [{ no: SPEC_FIELD, wireType: WireType.LengthDelimited, data }];
  return assignment;
}

export function toLeaseUpdate(lease: Omit<DomainClaim, 'org'>, renewal: Renewal) {
  const claim = toClaim(lease);
  if (renewal.verdict === 'LOST') return { claim, verdict: LeaseVerdict.LOST };
  const verdict = renewal.verdict === 'KEEP' ? LeaseVerdict.KEEP : LeaseVerdict.CANCEL;
  return { claim, verdict, remaining: toDuration(renewal.remainingMs) };
}

export function toCancels(notices: readonly CancelNotice[]): WorkResponse {
  const cancels = notices.map((n) => ({
    claim: toClaim(n),
    cause: n.cause,
    reason: n.reason,
    grace: toDuration(n.graceMs),
  }));
  return workResponse({ case: 'cancels', value: { cancels } });
}

export function lost(leases: readonly Pick<Lease, 'taskId' | 'epoch'>[]): WorkResponse {
  const updates = leases.map((lease) => toLeaseUpdate(lease, { verdict: 'LOST' }));
  return workResponse({ case: 'leaseUpdates', value: { updates } });
}

/**
 * What the agent is told became of a result.
 *
 * @param epoch of the claim that was reported
 */
export function toResultVerdict(
  outcome: SettleOutcome,
  epoch: number,
): { verdict: ResultVerdict; message: string } {
  switch (outcome.kind) {
    case 'OK':
      return { verdict: ResultVerdict.RECORDED, message: '' };
    case 'ALREADY_RECORDED':
      return { verdict: ResultVerdict.ALREADY_RECORDED, message: '' };
    case 'CONFLICT':
      return { verdict: ResultVerdict.CONFLICT, message: 'another result of this claim is in the record' };
    case 'NOT_FOUND':
      return { verdict: ResultVerdict.NOT_FOUND, message: 'there is no such task' };
    case 'REFUSED':
      return { verdict: ResultVerdict.LEASE_SUPERSEDED, message: whyRefused(outcome, epoch) };
  }
}

/** A result of the current claim is refused only if the claim is another agent's. */
function whyRefused({ state, epoch }: Extract<SettleOutcome, { kind: 'REFUSED' }>, reported: number): string {
  if (epoch === reported && isLeased(state)) return `another agent holds the task at epoch ${epoch}`;
  return `the task is ${state} at epoch ${epoch}`;
}

/** The attempt was recorded as failed, because its result could not be taken. */
export function refusedVerdict(message: string): { verdict: ResultVerdict; message: string } {
  return { verdict: ResultVerdict.REFUSED, message };
}
