import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { WorkRequestSchema, type WorkResponse } from '@reeve/sdk/protocol';
import { connectAlone, openWorkStream, type WorkClientStream } from './work-stream.js';

export type ToServer = NonNullable<MessageInitShape<typeof WorkRequestSchema>['message']>;

export interface LineOptions {
  readonly address: string;
  /**
   * Without a word from the server for so long, in ms, it connects anew, and waits longer each time
   * until it is welcome. Default: it waits for ever, and comes back at once.
   */
  readonly silenceMs?: number | undefined;
  /** A stream is there, to say Hello on. */
  readonly onOpen: () => void;
  readonly onMessage: (message: WorkResponse['message']) => void;
  /** The stream is over; another is being opened. */
  readonly onBroken: () => void;
}

/** One Work stream after the other, on connections of its own. */
export interface Line {
  open(): void;
  /** Lost if there is no stream. */
  send(message: ToServer): void;
  /** The server has said Welcome. */
  welcomed(): void;
  /** Ends this side of the stream in order. */
  end(): void;
  /** Breaks the stream. */
  drop(): void;
  stop(): void;
}

/** How long a Welcome may take, in ms. */
const HELLO_MS = 10_000;
const MOST_BACKOFF_MS = 5_000;

export function createLine({ address, silenceMs, onOpen, onMessage, onBroken }: LineOptions): Line {
  let client = connectAlone(address);
  let stream: WorkClientStream | undefined;
  let silence: NodeJS.Timeout | undefined;
  let returning: NodeJS.Timeout | undefined;
  let failures = 0;
  let stopped = false;

  /** Whoever is silent for too long is left: a new connection may meet another coordinator. */
  function expectWord(atLeastMs = 0): void {
    clearTimeout(silence);
    if (silenceMs === undefined || stopped) return;
    const leave = () => {
      client.close();
      client = connectAlone(address);
      if (stream) broken(stream);
      else comeBack();
    };
    silence = setTimeout(leave, Math.max(silenceMs, atLeastMs));
  }

  function comeBack(): void {
    clearTimeout(silence);
    clearTimeout(returning);
    if (stopped) return;
    failures += 1;
    if (silenceMs === undefined) setImmediate(open);
    else returning = setTimeout(open, Math.random() * Math.min(MOST_BACKOFF_MS, 100 * 2 ** failures));
  }

  function open(): void {
    if (stopped) return;
    const used = client;
    expectWord(HELLO_MS);
    used.waitForReady(Date.now() + 120_000, (error) => {
      if (stopped || used !== client) return;
      if (error) {
        open();
        return;
      }
      const opened = openWorkStream(used);
      stream = opened;
      opened.on('data', ({ message }: WorkResponse) => {
        if (stream !== opened) return;
        expectWord();
        onMessage(message);
      });
      opened.on('error', () => broken(opened));
      opened.on('end', () => broken(opened));
      onOpen();
    });
  }

  function broken(which: WorkClientStream): void {
    if (stream !== which) return;
    stream = undefined;
    onBroken();
    which.cancel();
    comeBack();
  }

  return {
    open,
    send: (message) => void stream?.write(create(WorkRequestSchema, { message })),
    welcomed() {
      failures = 0;
    },
    end: () => void stream?.end(),
    drop() {
      if (stream) broken(stream);
    },
    stop() {
      stopped = true;
      clearTimeout(silence);
      clearTimeout(returning);
      stream?.cancel();
      client.close();
    },
  };
}
