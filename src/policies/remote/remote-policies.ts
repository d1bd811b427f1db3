import { type DescMessage, type DescMethodUnary, type MessageInitShape, toJson } from '@bufbuild/protobuf';
import { DurationSchema } from '@bufbuild/protobuf/wkt';
import { PolicyService } from '@reeve/sdk/protocol';
import type { JsonValue } from '../../domain/json.js';
import { deadlineOf, type PolicyKind } from '../../domain/policies/policy.js';
import type { PolicyInput } from '../../domain/policies/policy-input.js';
import { questionOf } from '../../domain/policies/question.js';
import {
  readApproval,
  readAuctionInput,
  readPlan,
  readPriority,
} from '../../domain/policies/read-answers.js';
import { storable } from '../../domain/policies/storable.js';
import { WrongAnswer } from '../../domain/policies/wrong-answer.js';
import type { Clock } from '../../ports/clock.js';
import type { PolicyCall, PolicyOutcome } from '../../ports/policy-engine.js';
import { candidateOf, contextOf, taskOf } from './policy-messages.js';
import type { RemoteCaller } from './remote-caller.js';
import { RemoteFailure } from './remote-failure.js';
import { someAtOnce } from './some-at-once.js';

/** Policies that organisations serve themselves. */
export interface RemotePolicies {
  /** One call of PolicyService an input, side by side; see `PolicyEngine`. Only for rules that are REMOTE. */
  decide(calls: readonly PolicyCall[]): Promise<readonly (readonly PolicyOutcome[])[]>;
}

type Ask = (call: PolicyCall['policy'], input: PolicyInput) => Promise<JsonValue>;

/** Calls of a policy under way at once: as many as its service is let have. More would only wait, not for long, and fail. */
const AT_ONCE = 32;

/** How deep the parameters of an auction may be nested: records and readers go into them. */
const MAX_DEPTH = 32;

const READERS: Readonly<Record<PolicyKind, (output: JsonValue) => unknown>> = {
  APPROVAL: readApproval,
  PRIORITY: readPriority,
  AUCTION_INPUT: readAuctionInput,
  PLAN_RETRIEVE: readPlan,
};

export function createRemotePolicies(caller: RemoteCaller, clock: Clock): RemotePolicies {
  const { method } = PolicyService;
  const asks: Readonly<Record<PolicyKind, Ask>> = {
    async APPROVAL(policy, input) {
      const { accepted, reason, needsHuman, due } = await call(
        method.approve,
        policy,
        requestOf(policy, input),
      );
      const left = due && { due: toJson(DurationSchema, due) };
      return { accepted, reason, needs_human: needsHuman, ...left };
    },
    async PRIORITY(policy, input) {
      const { priority } = await call(method.prioritize, policy, requestOf(policy, input));
      return { priority };
    },
    async AUCTION_INPUT(policy, input) {
      const { input: parameters = {} } = await call(
        method.generateAuctionInput,
        policy,
        requestOf(policy, input),
      );
      if (!isWithin(parameters, MAX_DEPTH)) throw new WrongAnswer(`is nested deeper than ${MAX_DEPTH}`);
      return parameters;
    },
    async PLAN_RETRIEVE(policy, input) {
      const candidates = (input.candidates ?? []).map(candidateOf);
      const request = { ...requestOf(policy, input), candidates };
      const { headAgentSubjectId, reason } = await call(method.selectAgent, policy, request);
      return { head_agent_subject_id: headAgentSubjectId, reason };
    },
  };

  return {
    decide: (calls) =>
      Promise.all(
        calls.map(({ policy, inputs }) => someAtOnce(inputs, AT_ONCE, (input) => outcomeOf(policy, input))),
      ),
  };

  function call<I extends DescMessage, O extends DescMessage>(
    rpc: DescMethodUnary<I, O>,
    policy: PolicyCall['policy'],
    request: MessageInitShape<I>,
  ) {
    if (policy.rule.kind !== 'REMOTE') throw new RemoteFailure('ERROR', 'the policy is not a remote one');
    const { address, plaintext } = policy.rule;
    return caller.call(rpc, { org: policy.org, address, plaintext }, request, deadlineOf(policy));
  }

  async function outcomeOf(policy: PolicyCall['policy'], input: PolicyInput): Promise<PolicyOutcome> {
    const began = clock.monotonic();
    const question = questionOf(input);
    try {
      const output = storable(await asks[policy.kind](policy, input));
      READERS[policy.kind](output);
      return { ok: true, output, tookMs: clock.monotonic() - began, question };
    } catch (error) {
      return { ok: false, ...whyNot(error), tookMs: clock.monotonic() - began, question };
    }
  }
}

function requestOf(policy: PolicyCall['policy'], input: PolicyInput) {
  return { context: contextOf(policy, input), task: taskOf(input.task) };
}

function whyNot(error: unknown): Pick<PolicyOutcome & { ok: false }, 'failure' | 'message'> {
  if (error instanceof RemoteFailure) return { failure: error.kind, message: error.message };
  if (error instanceof WrongAnswer)
    return { failure: 'WRONG_RESULT', message: `the answer ${error.message}` };
  return { failure: 'ERROR', message: error instanceof Error ? error.message : String(error) };
}

function isWithin(value: JsonValue, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((each: JsonValue) => isWithin(each, depth - 1));
}
