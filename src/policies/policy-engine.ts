import { unavailable } from '../domain/errors.js';
import type { PolicyCall, PolicyEngine, PolicyOutcome } from '../ports/policy-engine.js';
import type { RemoteCaller } from './remote/remote-caller.js';
import type { RemotePolicies } from './remote/remote-policies.js';

export interface PolicyEngineOptions {
  /** Evaluates what is written in CEL. */
  readonly cel: Omit<PolicyEngine, 'objectionTo'>;
  /** Asks what organisations serve. */
  readonly remote: RemotePolicies;
  /** Whose addresses the remote ones go by; stopping it is its owner's. */
  readonly caller: Pick<RemoteCaller, 'objectionTo'>;
}

/** Local and remote policies as one: the two parts of a batch are answered side by side. */
export function createPolicyEngine({ cel, remote, caller }: PolicyEngineOptions): PolicyEngine {
  let isStopped = false;

  /** What was under way while it was stopped says nothing of a policy: nothing may come of it. */
  async function whole<T>(answers: Promise<T>): Promise<T> {
    const answered = await answers;
    if (isStopped) throw unavailable('SHUTTING_DOWN', 'the coordinator stops');
    return answered;
  }

  async function decide(calls: readonly PolicyCall[]): Promise<readonly (readonly PolicyOutcome[])[]> {
    const isRemote = ({ policy }: PolicyCall) => policy.rule.kind === 'REMOTE';
    const here = calls.filter((call) => !isRemote(call));
    const there = calls.filter(isRemote);
    if (there.length === 0) return cel.decide(here);
    const [fromHere, fromThere] = await Promise.all([
      here.length > 0 ? cel.decide(here) : [],
      remote.decide(there),
    ]);
    const answers = new Map<PolicyCall, readonly PolicyOutcome[]>();
    for (const [i, call] of here.entries()) answers.set(call, fromHere[i] ?? []);
    for (const [i, call] of there.entries()) answers.set(call, fromThere[i] ?? []);
    return calls.map((call) => answers.get(call) ?? []);
  }

  return {
    decide: (calls) => whole(decide(calls)),
    async trace(policy, input) {
      if (policy.rule.kind === 'CEL') return whole(cel.trace(policy, input));
      const [[outcome] = []] = await whole(remote.decide([{ policy, inputs: [input] }]));
      if (!outcome) throw new Error('a question without an answer');
      return { outcome, trace: [] };
    },
    evaluate: (calls) => whole(cel.evaluate(calls)),
    validate: (calls) => whole(cel.validate(calls)),
    checkExpression: (use, expression) => whole(cel.checkExpression(use, expression)),
    checkSchema: (schema) => whole(cel.checkSchema(schema)),
    objectionTo: (address, plaintext) => caller.objectionTo(address, plaintext),
    stop() {
      isStopped = true;
      return cel.stop();
    },
  };
}
