import { randomUUID } from 'node:crypto';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import { type Assignment, type Claim, WorkRequestSchema, type WorkResponse } from '@reeve/sdk/protocol';
import { openWorkStream, type WorkClientStream } from './work-stream.js';

type ToServer = NonNullable<MessageInitShape<typeof WorkRequestSchema>['message']>;
type FromServer = WorkResponse['message'];
type Case = NonNullable<FromServer['case']>;
type ValueOf<C extends Case> = Extract<FromServer, { case: C }>['value'];

export interface HelloOptions {
  /** Default: `work`. */
  readonly capabilities?: readonly string[];
  /** Default 10. */
  readonly slots?: number;
  /** Default: a new one. */
  readonly instanceKey?: string;
  /** What it says it holds; default nothing. */
  readonly held?: readonly { taskId: string; epoch: bigint; unacked?: boolean }[];
}

/**
 * An agent without an SDK, on one Work stream over a connection of its own: sends what a test
 * tells it to, and keeps what comes until the test takes it. It answers pings, nothing else.
 */
export class RawAgent {
  readonly #client: Client;
  readonly #stream: WorkClientStream;
  readonly #inbox: FromServer[] = [];
  #waiting: (() => void)[] = [];
  #granted = 0;
  #over = false;
  /** Resolves when the stream is over: with its error, or `null` if it ended in order. */
  readonly over: Promise<{ code: number; details: string } | null>;

  constructor(address: string, org?: string) {
    this.#client = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
    this.#stream = openWorkStream(this.#client, org);
    this.#stream.on('data', ({ message }: WorkResponse) => {
      if (message.case === 'ping') this.send({ case: 'pong', value: { nonce: message.value.nonce } });
      else {
        this.#inbox.push(message);
        this.#wake();
      }
    });
    this.over = new Promise((resolve) => {
      this.#stream.on('error', (error: Error & { code: number; details: string }) => resolve(error));
      this.#stream.on('end', () => resolve(null));
    });
    void this.over.then(() => {
      this.#over = true;
      this.#wake();
    });
  }

  send(message: ToServer): void {
    this.#stream.write(create(WorkRequestSchema, { message }));
  }

  /** Says Hello and waits for Welcome. */
  async hello(agentId: string, options: HelloOptions = {}): Promise<ValueOf<'welcome'>> {
    const { capabilities = ['work'], slots = 10, instanceKey = randomUUID(), held = [] } = options;
    const heldLeases = held.map(({ taskId, epoch, unacked = false }) => ({
      claim: { taskId, epoch },
      hasUnackedResult: unacked,
    }));
    const agent = { agentId, capabilities: [...capabilities] };
    this.send({ case: 'hello', value: { agent, instanceKey, slots, heldLeases } });
    return this.next('welcome');
  }

  /** Asks for so many assignments in all. */
  grant(grantedTotal: number): void {
    this.#granted = grantedTotal;
    this.send({ case: 'grant', value: { grantedTotal: BigInt(grantedTotal) } });
  }

  accept(...assignments: readonly Assignment[]): void {
    this.send({ case: 'accept', value: { claims: assignments.flatMap((a) => a.claim ?? []) } });
  }

  /** The next message of one kind that was not taken yet; others stay. Rejects if the stream ends first. */
  async next<C extends Case>(wanted: C): Promise<ValueOf<C>> {
    for (;;) {
      const at = this.#inbox.findIndex((message) => message.case === wanted);
      if (at >= 0) return this.#inbox.splice(at, 1)[0]?.value as ValueOf<C>;
      if (this.#over)
        throw new Error(`the stream ended before ${wanted}: ${JSON.stringify(await this.over)}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The next `count` assignments, however they are batched. */
  async assignments(count: number): Promise<Assignment[]> {
    const out: Assignment[] = [];
    while (out.length < count) out.push(...(await this.next('assignments')).assignments);
    return out;
  }

  /** Asks for one assignment more and takes the one that comes. */
  async take(): Promise<Assignment & { claim: Claim }> {
    this.grant(this.#granted + 1);
    const [assignment, ...more] = (await this.next('assignments')).assignments;
    if (!assignment?.claim || more.length > 0) throw new Error('expected one assignment');
    return { ...assignment, claim: assignment.claim };
  }

  /** Whether messages of a kind have come that nobody has taken. */
  has(kind: Case): boolean {
    return this.#inbox.some((message) => message.case === kind);
  }

  close(): void {
    this.#stream.cancel();
    this.#client.close();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** A raw agent of one capability and four slots that was welcomed. */
export async function openRawAgent(address: string, agentId: string, kind: string): Promise<RawAgent> {
  const agent = new RawAgent(address);
  await agent.hello(agentId, { capabilities: [kind], slots: 4 });
  return agent;
}
