import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';

/** What clients ask, and what agents see and say. */
export type Verb =
  | 'submit'
  | 'cancel'
  | 'retry'
  | 'update'
  | 'wait'
  | 'assigned'
  | 'accept'
  | 'decline'
  | 'renew'
  | 'progress'
  | 'result'
  | 'aborted'
  | 'start-workflow'
  | 'cancel-workflow'
  | 'retry-workflow';

/** `unknown`: no answer came, it may or may not have happened. */
export type EntryType = 'invoke' | 'ok' | 'fail' | 'unknown';

export interface HistoryFields {
  readonly taskId?: string;
  readonly epoch?: number;
  readonly attempt?: number;
  readonly requestId?: string;
  readonly workflowId?: string;
  /** What was submitted, as canonical JSON. */
  readonly body?: string;
  readonly maxAttempts?: number;
  /** The task must end in this state. */
  readonly endsAs?: string;
  readonly resultId?: string;
  readonly outcome?: string;
  readonly verdict?: string;
  readonly state?: string;
  readonly error?: string;
}

/** One line of a history. */
export interface HistoryEntry extends HistoryFields {
  /** Monotonic ms, comparable between the processes of one machine. */
  readonly at: number;
  /** The client or agent process. */
  readonly by: string;
  /** Ties the end of an operation to its `invoke`; unique with `by`. */
  readonly op: number;
  readonly verb: Verb;
  readonly type: EntryType;
}

export interface Operation {
  ok(fields?: HistoryFields): void;
  fail(fields: HistoryFields): void;
  unknown(fields?: HistoryFields): void;
}

/** Writes what one process does and sees. A line is in the file when the call returns. */
export interface History {
  invoke(verb: Verb, fields: HistoryFields): Operation;
  /** Something that happened to the process, without a question. */
  saw(verb: Verb, fields: HistoryFields): void;
  close(): void;
}

/** @param onEntry is told of every line once it is written */
export function openHistory(
  folder: string,
  by: string,
  onEntry: (entry: HistoryEntry) => void = () => {},
): History {
  const file = openSync(path.join(folder, `${by}.jsonl`), 'a');
  let nextOp = 1;
  const write = (op: number, verb: Verb, type: EntryType, fields: HistoryFields) => {
    const entry: HistoryEntry = { at: monotonicMs(), by, op, verb, type, ...fields };
    writeSync(file, `${JSON.stringify(entry)}\n`);
    onEntry(entry);
  };
  return {
    invoke(verb, fields) {
      const op = nextOp++;
      write(op, verb, 'invoke', fields);
      const end = (type: EntryType) => (more?: HistoryFields) =>
        write(op, verb, type, { ...fields, ...more });
      return { ok: end('ok'), fail: end('fail'), unknown: end('unknown') };
    },
    saw: (verb, fields) => write(nextOp++, verb, 'ok', fields),
    close: () => closeSync(file),
  };
}

/** All histories of a folder as one, in the order of time. A line cut short by a SIGKILL is left out. */
export function readHistory(folder: string): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  for (const name of readdirSync(folder)) {
    if (!name.endsWith('.jsonl')) continue;
    const lines = readFileSync(path.join(folder, name), 'utf8').split('\n');
    // What follows the last newline was not written to its end.
    for (const line of lines.slice(0, -1)) entries.push(JSON.parse(line) as HistoryEntry);
  }
  return entries.sort((a, b) => a.at - b.at);
}

/** The machine's monotonic clock in ms, with fractions. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
