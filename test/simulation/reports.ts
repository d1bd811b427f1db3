import { type Claim, Outcome, type ResultAck, ResultVerdict, type TaskSpec } from '@reeve/sdk/protocol';
import type { History, Operation } from '../support/history.js';
import type { Chance } from './chance.js';
import type { ToServer } from './connection.js';

/** How a task ends whatever else befalls it, and with what. */
export interface Script {
  readonly fails: boolean;
  readonly output: unknown;
}

export type ScriptOf = (taskId: string, spec: TaskSpec) => Script;

interface Report {
  readonly claim: Claim;
  readonly resultId: string;
  readonly outcome: Outcome;
  readonly retryable: boolean;
}

const GOOD: ReadonlySet<ResultVerdict> = new Set([ResultVerdict.RECORDED, ResultVerdict.ALREADY_RECORDED]);

/** The results of an agent that are not acknowledged yet, and what it says of them in the history. */
export class Reports {
  readonly #history: History;
  readonly #chance: Chance;
  readonly #send: (message: ToServer) => void;
  readonly #byClaim = new Map<string, Report>();
  /** By task. */
  readonly #scripts = new Map<string, Script>();
  /** Sent and not answered, by result id. */
  readonly #sent = new Map<string, Operation>();

  constructor(history: History, chance: Chance, send: (message: ToServer) => void) {
    this.#history = history;
    this.#chance = chance;
    this.#send = send;
  }

  /** What is reported of a task from here on. */
  follow(taskId: string, script: Script): void {
    this.#scripts.set(taskId, script);
  }

  has(claim: Claim): boolean {
    return this.#byClaim.has(keyOf(claim));
  }

  add(claim: Claim, outcome: Outcome, retryable: boolean): void {
    const report = { claim, outcome, retryable, resultId: this.#chance.uuid() };
    this.#byClaim.set(keyOf(claim), report);
    this.#say(report);
  }

  /** Says again what was said, under the same name. */
  repeat(claim: Claim): void {
    const report = this.#byClaim.get(keyOf(claim));
    if (report) this.#say(report);
  }

  /** Says something else of the same claim, under another name. */
  contradict(claim: Claim): void {
    this.#say({ claim, outcome: Outcome.SUCCEEDED, retryable: true, resultId: this.#chance.uuid() });
  }

  /** True if it is the answer to what was reported of the claim. */
  acknowledged({ claim, resultId, verdict }: ResultAck): boolean {
    const fields = { verdict: ResultVerdict[verdict] };
    const operation = this.#sent.get(resultId);
    this.#sent.delete(resultId);
    if (GOOD.has(verdict)) operation?.ok(fields);
    else operation?.fail(fields);
    return claim !== undefined && this.#byClaim.get(keyOf(claim))?.resultId === resultId;
  }

  forget(claim: Claim): void {
    this.#byClaim.delete(keyOf(claim));
  }

  forgetAll(): void {
    this.#byClaim.clear();
  }

  connectionLost(): void {
    for (const operation of this.#sent.values()) operation.unknown();
    this.#sent.clear();
  }

  #say(report: Report): void {
    const { claim, resultId } = report;
    const script = this.#scripts.get(claim.taskId);
    const fails = script?.fails === true && report.outcome === Outcome.SUCCEEDED;
    const outcome = fails ? Outcome.FAILED : report.outcome;
    const retryable = report.retryable && !fails;
    const epoch = Number(claim.epoch);
    // The answer to a repeat may be that to what was said first.
    if (!this.#sent.has(resultId)) {
      const fields = { taskId: claim.taskId, epoch, resultId, outcome: Outcome[outcome] };
      this.#sent.set(resultId, this.#history.invoke('result', fields));
    }
    const error = { kind: 'Planned', message: 'by chance', retryable };
    const value = Buffer.from(JSON.stringify(script ? script.output : { epoch }));
    const result =
      outcome === Outcome.SUCCEEDED
        ? { outcome, output: { content: { case: 'data' as const, value } } }
        : { outcome, ...(outcome === Outcome.FAILED && { error }) };
    this.#send({ case: 'results', value: { results: [{ claim, resultId, result }] } });
  }
}

function keyOf(claim: Claim): string {
  return `${claim.taskId} ${claim.epoch}`;
}
