import { AgentService, LeaseVerdict, Outcome, ResultVerdict } from '@reeve/sdk/protocol';
import { connect } from '../api/support/grpc-client.js';

const { method } = AgentService;
const WAIT = { seconds: 10n };

/** An agent that holds no stream. */
export function unaryAgent(address: string, agentId: string) {
  const client = connect(address);
  return {
    register: (capabilities: string[]) =>
      client.call(method.registerAgent, { agent: { agentId, capabilities } }),
    lease: (
      request: { maxTasks?: number; maxWait?: typeof WAIT; requestId?: string; instanceKey?: string } = {},
    ) =>
      client
        .call(method.leaseTasks, { agentId, maxWait: WAIT, ...request })
        .then(({ assignments }) => assignments.map(({ claim, spec, attempt }) => ({ claim, spec, attempt }))),
    accept: async (...claims: Claim[]) =>
      verdicts((await client.call(method.acceptLeases, { agentId, claims: named(claims) })).updates),
    renew: async (...claims: Claim[]) =>
      verdicts((await client.call(method.renewLeases, { agentId, claims: named(claims) })).updates),
    release: (...claims: Claim[]) =>
      client.call(method.releaseLeases, { agentId, claims: named(claims), reason: 'not mine' }),
    progress: (claim: Claim, fraction: number) =>
      client.call(method.reportProgress, {
        agentId,
        reports: [{ claim, progress: { fraction, text: 'so far' } }],
      }),
    fail: (claim: Claim) => {
      const error = { kind: 'Oops', message: 'not today', retryable: true };
      const result = { outcome: Outcome.FAILED, error };
      const results = [{ claim, resultId: crypto.randomUUID(), result }];
      return client.call(method.reportResults, { agentId, results });
    },
    report: async (claim: Claim, resultId = crypto.randomUUID()) => {
      const result = {
        outcome: Outcome.SUCCEEDED,
        output: { content: { case: 'data' as const, value: Buffer.from('42') } },
      };
      const { acks } = await client.call(method.reportResults, {
        agentId,
        results: [{ claim, resultId, result }],
      });
      return acks.map(({ verdict }) => ResultVerdict[verdict]);
    },
    client,
  };
}

/** As a lease has it; a test that finds none names none. */
type Claim = { taskId: string; epoch: bigint } | undefined;

const named = (claims: Claim[]) => claims.flatMap((claim) => claim ?? []);

function verdicts(updates: readonly { verdict: LeaseVerdict }[]): string[] {
  return updates.map(({ verdict }) => LeaseVerdict[verdict]);
}
