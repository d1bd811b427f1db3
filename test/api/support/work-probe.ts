import { randomUUID } from 'node:crypto';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type Claim, Outcome, WorkRequestSchema, type WorkResponse } from '@reeve/sdk/protocol';
import type { OpenWork } from '../../../src/api/work/work-stream.js';
import type { ReeveError } from '../../../src/domain/errors.js';
import type { Lease } from '../../../src/domain/tasks/lease.js';

type ToServer = NonNullable<MessageInitShape<typeof WorkRequestSchema>['message']>;
type FromServer = WorkResponse['message'];
type Case = NonNullable<FromServer['case']>;
type ValueOf<C extends Case> = Extract<FromServer, { case: C }>['value'];

/** Lets everything go on that waits for nothing but its turn. */
export async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** The agent's end of a Work stream without a transport. */
export function openWorkProbe(open: OpenWork, org: string) {
  const inbox: FromServer[] = [];
  let over: 'ENDED' | ReeveError | null = null;
  const session = open({
    principal: { org, subject: 'agent', roles: ['admin'] },
    send: ({ message }) => inbox.push(message) > 0,
    end() {
      over ??= 'ENDED';
    },
    fail(error) {
      over ??= error;
    },
  });
  const send = (message: ToServer) => session.receive(create(WorkRequestSchema, { message }));

  return {
    send,
    closed: () => session.closed(),
    get over() {
      return over;
    },
    /** What has come of one kind and was not taken yet. */
    took<C extends Case>(kind: C): readonly ValueOf<C>[] {
      const found = inbox.filter((message) => message.case === kind);
      for (const message of found) inbox.splice(inbox.indexOf(message), 1);
      return found.map((message) => message.value as ValueOf<C>);
    },
    async hello(
      agentId: string,
      hello: { instanceKey?: string; slots?: number; held?: readonly Lease[]; tags?: readonly string[] } = {},
    ): Promise<ValueOf<'welcome'>> {
      const { instanceKey = randomUUID(), slots = 3, held = [], tags = [] } = hello;
      const heldLeases = held.map((lease) => ({ claim: claimOf(lease) }));
      const agent = { agentId, capabilities: ['work'], tags: [...tags] };
      send({ case: 'hello', value: { agent, instanceKey, slots, heldLeases } });
      await turns();
      const [welcome] = this.took('welcome');
      if (!welcome) throw new Error('no welcome has come');
      return welcome;
    },
    async renew(lease: Lease) {
      send({ case: 'renew', value: { claims: [claimOf(lease)] } });
      await turns();
      return this.took('leaseUpdates').flatMap(({ updates }) => updates.map((u) => u.verdict));
    },
    /** Reports a success and answers with the verdicts. */
    async report(lease: Lease, resultId: string = randomUUID()) {
      const result = { outcome: Outcome.SUCCEEDED, summary: 'done' };
      send({ case: 'results', value: { results: [{ claim: claimOf(lease), resultId, result }] } });
      await turns();
      return this.took('resultAcks').flatMap(({ acks }) => acks.map((a) => a.verdict));
    },
  };
}

export function claimOf({ taskId, epoch }: Pick<Lease, 'taskId' | 'epoch'>): Pick<Claim, 'taskId' | 'epoch'> {
  return { taskId, epoch: BigInt(epoch) };
}
