import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { WireType } from '@bufbuild/protobuf/wire';
import {
  type Assignment,
  AssignmentSchema,
  type BidRequest,
  BidRequestSchema,
  type Claim,
  LeaseVerdict,
  PayloadView,
  type ResultAck,
  type ResultAcks,
  ResultVerdict,
  type WorkResponse,
  WorkResponseSchema,
} from '@reeve/sdk/protocol';
import type { Claim as DomainClaim, Lease } from '../../domain/tasks/lease.js';
import { isLeased } from '../../domain/tasks/task-state.js';
import type { CancelNotice, Delivery } from '../../ports/agent-sessions.js';
import type { SettleOutcome } from '../../ports/task-record.js';
import type { Renewal } from '../../usecases/renew-leases.js';
import { toProtoPayload } from '../mapping/payload.js';
import { durationOf, timestampOf } from '../mapping/time.js';
import type { AskedBid } from './live-bidding.js';

/** Builds the messages that the server sends on a Work stream. */
export function workResponse(
  message: MessageInitShape<typeof WorkResponseSchema>['message'] & object,
): WorkResponse {
  return create(WorkResponseSchema, { message });
}

export function toClaim(claim: Omit<DomainClaim, 'org'>): Claim {
  return { $typeName: 'reeve.v1.Claim', taskId: claim.taskId, epoch: BigInt(claim.epoch) };
}

const SPEC_FIELD = AssignmentSchema.field.spec.number;

/**
 * Assignments whose specs stay the bytes they were submitted as: they ride along as unknown
 * fields of the same number, which are written as they are. (Decoding and encoding a spec of 455
 * bytes would cost about 14 µs a task.)
 */
export function toAssignments(deliveries: readonly Delivery[], leaseMs: number): WorkResponse {
  const leaseTtl = durationOf(leaseMs);
  const assignments = deliveries.map(
    ({ lease, body, createTime, checkpoint }): Assignment => ({
      $typeName: 'reeve.v1.Assignment',
      claim: toClaim(lease),
      attempt: lease.attempt,
      leaseTtl,
      createTime: timestampOf(createTime),
      ...(checkpoint && { checkpoint: toProtoPayload(checkpoint, PayloadView.DATA) }),
      $unknown: [{ no: SPEC_FIELD, wireType: WireType.LengthDelimited, data: afterLength(body) }],
    }),
  );
  return workResponse({
    case: 'assignments',
    value: { $typeName: 'reeve.v1.Assignments', assignments },
  });
}

/** The bytes after their length, as a length-delimited field holds them. */
function afterLength(bytes: Uint8Array): Buffer {
  const { length } = bytes;
  let size = 1;
  for (let rest = length; rest > 0x7f; rest >>>= 7) size++;
  const out = Buffer.allocUnsafe(size + length);
  let rest = length;
  for (let i = 0; i < size; i++, rest >>>= 7) out[i] = i < size - 1 ? (rest & 0x7f) | 0x80 : rest;
  out.set(bytes, size);
  return out;
}

/** What became of results, once the record has them. */
export function toResultAcks(acks: readonly Omit<ResultAck, '$typeName' | '$unknown'>[]): WorkResponse {
  const value: ResultAcks = {
    $typeName: 'reeve.v1.ResultAcks',
    acks: acks.map(({ claim, resultId, verdict, message }) => ({
      $typeName: 'reeve.v1.ResultAck',
      claim,
      resultId,
      verdict,
      message,
    })),
  };
  return workResponse({ case: 'resultAcks', value });
}

export function toLeaseUpdate(lease: Omit<DomainClaim, 'org'>, renewal: Renewal) {
  const claim = toClaim(lease);
  if (renewal.verdict === 'LOST') return { claim, verdict: LeaseVerdict.LOST };
  const remaining = durationOf(renewal.remainingMs);
  if (renewal.verdict === 'KEEP') return { claim, verdict: LeaseVerdict.KEEP, remaining };
  return { claim, verdict: LeaseVerdict.CANCEL, remaining, cause: renewal.cause };
}

const BID_SPEC_FIELD = BidRequestSchema.field.spec.number;

/** Requests for bids; specs as in assignments. */
export function toBidRequests(asked: readonly AskedBid[]): WorkResponse {
  const requests = asked.map(
    ({ auctionId, taskId, body, withinMs }): BidRequest => ({
      ...{ $typeName: 'reeve.v1.BidRequest', auctionId, taskId, within: durationOf(withinMs) },
      $unknown: [{ no: BID_SPEC_FIELD, wireType: WireType.LengthDelimited, data: afterLength(body) }],
    }),
  );
  return workResponse({ case: 'bidRequests', value: { $typeName: 'reeve.v1.BidRequests', requests } });
}

export function toCancels(notices: readonly CancelNotice[]): WorkResponse {
  const cancels = notices.map((n) => ({
    claim: toClaim(n),
    cause: n.cause,
    reason: n.reason,
    grace: durationOf(n.graceMs),
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
