import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { type ClientDuplexStream, credentials, Metadata, makeGenericClientConstructor } from '@grpc/grpc-js';
import {
  AgentService,
  type Assignment,
  type WorkRequest,
  WorkRequestSchema,
  type WorkResponse,
  WorkResponseSchema,
} from '@reeve/sdk/protocol';

type Message = NonNullable<MessageInitShape<typeof WorkRequestSchema>['message']>;
type Case = NonNullable<WorkResponse['message']['case']>;
type ValueOf<C extends Case> = Extract<WorkResponse['message'], { case: C }>['value'];

const { work } = AgentService.method;
const RawClient = makeGenericClientConstructor(
  {
    work: {
      path: `/${AgentService.typeName}/${work.name}`,
      requestStream: true,
      responseStream: true,
      requestSerialize: (m: WorkRequest) => Buffer.from(toBinary(WorkRequestSchema, m)),
      requestDeserialize: (b: Buffer) => fromBinary(WorkRequestSchema, b),
      responseSerialize: (m: WorkResponse) => Buffer.from(toBinary(WorkResponseSchema, m)),
      responseDeserialize: (b: Buffer) => fromBinary(WorkResponseSchema, b),
    },
  },
  AgentService.typeName,
);

/** An agent without an SDK: sends what a test tells it to, and waits for what comes. */
export class RawAgent {
  readonly #stream: ClientDuplexStream<WorkRequest, WorkResponse>;
  readonly #client: InstanceType<typeof RawClient>;
  readonly #inbox: WorkResponse[] = [];
  #waiting: (() => void)[] = [];
  /** Resolves when the stream is over: with its error, or `null` if it ended in order. */
  readonly over: Promise<{ code: number; details: string } | null>;
  #over = false;

  constructor(address: string, org = 'default') {
    this.#client = new RawClient(address, credentials.createInsecure());
    const metadata = new Metadata();
    metadata.set('org', org);
    const open = this.#client.work as (m: Metadata) => ClientDuplexStream<WorkRequest, WorkResponse>;
    this.#stream = open.call(this.#client, metadata);
    this.#stream.on('data', (message: WorkResponse) => {
      if (message.message.case === 'ping') {
        this.send({ case: 'pong', value: { nonce: message.message.value.nonce } });
        return;
      }
      this.#inbox.push(message);
      this.#wake();
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

  send(message: Message): void {
    this.#stream.write(create(WorkRequestSchema, { message }));
  }

  /** Says Hello as an agent of one capability and waits for Welcome. */
  async hello(
    agentId: string,
    options: {
      readonly capabilities?: readonly string[];
      readonly slots?: number;
      readonly instanceKey?: string;
      readonly held?: readonly { taskId: string; epoch: bigint; unacked?: boolean }[];
    } = {},
  ): Promise<ValueOf<'welcome'>> {
    const { capabilities = ['work'], slots = 10, instanceKey = crypto.randomUUID(), held = [] } = options;
    this.send({
      case: 'hello',
      value: {
        agent: { agentId, capabilities: [...capabilities] },
        instanceKey,
        slots,
        heldLeases: held.map(({ taskId, epoch, unacked = false }) => ({
          claim: { taskId, epoch },
          hasUnackedResult: unacked,
        })),
      },
    });
    return this.next('welcome');
  }

  grant(grantedTotal: number): void {
    this.send({ case: 'grant', value: { grantedTotal: BigInt(grantedTotal) } });
  }

  accept(...assignments: readonly Assignment[]): void {
    this.send({ case: 'accept', value: { claims: assignments.flatMap((a) => a.claim ?? []) } });
  }

  /** The next message of one kind; others stay. Rejects if the stream ends first. */
  async next<C extends Case>(wanted: C): Promise<ValueOf<C>> {
    for (;;) {
      const at = this.#inbox.findIndex((m) => m.message.case === wanted);
      if (at >= 0) return this.#inbox.splice(at, 1)[0]?.message.value as ValueOf<C>;
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

  /** Whether messages of a kind have come that nobody has taken. */
  has(kind: Case): boolean {
    return this.#inbox.some((m) => m.message.case === kind);
  }

  pause(): void {
    this.#stream.pause();
  }

  close(): void {
    this.#stream.cancel();
    this.#client.close();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
