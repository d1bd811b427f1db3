import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import type * as grpc from '@grpc/grpc-js';
import {
  type AssignmentSchema,
  type HeldLeaseVerdict,
  type HeldLeaseVerdictSchema,
  type Hello,
  type Payload,
  type ResultReport,
  ResultVerdict,
  type WorkRequest,
  type WorkResponse,
  WorkResponseSchema,
} from '@reeve/sdk/protocol';

type Message = Exclude<WorkRequest['message'], { case: undefined }>;
type Case = Message['case'];
type ValueOf<C extends Case> = Extract<Message, { case: C }>['value'];

/** The server's end of a Work stream, in a test's hands. */
export class WorkProbe {
  /** Everything that came, in order. */
  readonly received: Message[] = [];
  readonly greeted: Promise<void>;
  /** The agent has ended its side, or the stream is gone. */
  readonly ended: Promise<void>;
  readonly #call: grpc.ServerDuplexStream<WorkRequest, WorkResponse>;
  readonly #unread: Message[] = [];
  #wake: () => void = () => {};

  constructor(call: grpc.ServerDuplexStream<WorkRequest, WorkResponse>) {
    this.#call = call;
    let greet = () => {};
    this.greeted = new Promise((resolve) => (greet = resolve));
    this.ended = new Promise((resolve) => {
      call.on('end', () => {
        call.end();
        resolve();
      });
      call.on('cancelled', resolve);
      call.on('error', () => resolve());
    });
    call.on('data', ({ message }: WorkRequest) => {
      if (message.case === undefined) return;
      this.received.push(message);
      this.#unread.push(message);
      greet();
      this.#wake();
    });
  }

  get hello(): Hello {
    const [first] = this.received;
    if (first?.case !== 'hello') throw new Error(`the first message was ${first?.case}`);
    return first.value;
  }

  /** Takes the next message of a case, waiting for it; others stay for later. */
  async next<C extends Case>(wanted: C): Promise<ValueOf<C>> {
    for (;;) {
      const i = this.#unread.findIndex((message) => message.case === wanted);
      const [message] = i < 0 ? [] : this.#unread.splice(i, 1);
      if (message) return message.value as ValueOf<C>;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** How many of a case have come so far. */
  count(wanted: Case): number {
    return this.received.filter((message) => message.case === wanted).length;
  }

  send(message: MessageInitShape<typeof WorkResponseSchema>['message']): void {
    if (message) this.#call.write(create(WorkResponseSchema, { message }));
  }

  /** Defaults: a lease of 60 s, renewed every 15 s, pings every 15 s. */
  welcome(
    terms: { ttlMs?: number; renewMs?: number; pingMs?: number } = {},
    verdicts: MessageInitShape<typeof HeldLeaseVerdictSchema>[] = [],
  ): void {
    this.send({
      case: 'welcome',
      value: {
        sessionId: 'session',
        leaseTtl: durationFromMs(terms.ttlMs ?? 60_000),
        renewInterval: durationFromMs(terms.renewMs ?? 15_000),
        pingInterval: durationFromMs(terms.pingMs ?? 15_000),
        acceptTimeout: durationFromMs(5_000),
        limits: { maxPayloadBytes: 1_000, maxMessageBytes: 4_194_304, maxBatchItems: 1_000 },
        verdicts,
      },
    });
  }

  /** Welcomes with a verdict for each lease that Hello names. */
  welcomeWith(verdict: HeldLeaseVerdict['verdict']): void {
    const verdicts = this.hello.heldLeases.map(({ claim }) => ({
      ...(claim && { claim }),
      verdict,
      remaining: durationFromMs(60_000),
    }));
    this.welcome({}, verdicts);
  }

  assign(...assignments: MessageInitShape<typeof AssignmentSchema>[]): void {
    this.send({ case: 'assignments', value: { assignments } });
  }

  acknowledge(report: ResultReport, verdict = ResultVerdict.RECORDED): void {
    const { claim, resultId } = report;
    this.send({ case: 'resultAcks', value: { acks: [{ ...(claim && { claim }), resultId, verdict }] } });
  }

  /** The next result that is reported. */
  async nextResult(): Promise<ResultReport> {
    const [report] = (await this.next('results')).results;
    if (!report) throw new Error('an empty report');
    return report;
  }

  end(): void {
    this.#call.end();
  }

  fail(error: grpc.ServiceError): void {
    this.#call.emit('error', error);
  }
}

let tasks = 0;

/** An assignment of a new task. */
export function assignment(
  kind: string,
  input?: unknown,
  rest: { epoch?: bigint; attempt?: number; taskId?: string } = {},
) {
  tasks++;
  const taskId = rest.taskId ?? `00000000-0000-7000-8000-${String(tasks).padStart(12, '0')}`;
  const data = Buffer.from(JSON.stringify(input ?? null));
  return {
    claim: { taskId, epoch: rest.epoch ?? 1n },
    spec: {
      kind,
      input: { mediaType: 'application/json', content: { case: 'data' as const, value: data } },
    },
    attempt: rest.attempt ?? 1,
    leaseTtl: durationFromMs(60_000),
  };
}

/** A payload's bytes as text. */
export function textOf(payload: Payload | undefined): string {
  return payload?.content.case === 'data' ? Buffer.from(payload.content.value).toString() : '';
}
