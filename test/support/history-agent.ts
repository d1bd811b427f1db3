import { randomUUID } from 'node:crypto';
import { durationMs } from '@bufbuild/protobuf/wkt';
import {
  type Assignment,
  type Claim,
  LeaseVerdict,
  Outcome,
  ResultVerdict,
  type Welcome,
  type WorkResponse,
} from '@reeve/sdk/protocol';
import type { History, Operation } from './history.js';
import { createLine, type ToServer } from './history-agent-line.js';
import { PLAYS, type Play, resultsOf } from './history-plays.js';

export interface HistoryAgentOptions {
  readonly address: string;
  readonly agentId: string;
  readonly history: History;
  /** Default 4. */
  readonly slots?: number;
  /** Default: all. */
  readonly plays?: readonly Play[];
  /** Of the kinds it handles. Default `wire`. */
  readonly prefix?: string;
  /** See `createLine`. */
  readonly silenceMs?: number;
  /**
   * Whether it says now what it should not: a report twice, or one of long ago once more. Asked before
   * each. Default: never.
   */
  readonly repeats?: () => boolean;
}

export interface HistoryAgent {
  /** Resolves after the first Welcome. */
  start(): Promise<void>;
  /** Breaks the stream as a crash of the agent would; what it held is forgotten, and it comes back. */
  crash(): void;
  /** Ends the stream and forgets everything. */
  stop(): void;
}

/** A task it holds: reported and waiting for the acknowledgement once `report` is set. */
interface Held {
  readonly claim: Claim;
  readonly play: string;
  report?: { readonly resultId: string; readonly outcome: Outcome };
  renewals: number;
  /** Operations without an answer yet. */
  renewal?: Operation;
  result?: Operation;
}

/**
 * An agent that speaks the Work stream without the SDK, comes back after every break with
 * what it holds, and writes everything it is told and answered into a history.
 */
export function createHistoryAgent(options: HistoryAgentOptions): HistoryAgent {
  const { history, agentId, slots = 4, plays = PLAYS, prefix = 'wire', repeats = () => false } = options;
  let instanceKey = randomUUID();
  const held = new Map<string, Held>();
  let granted = 0n;
  let renewing: NodeJS.Timeout | undefined;
  /** The last report that was acknowledged, to be repeated. */
  let old: ToServer | undefined;
  let onWelcome: () => void = () => {};

  const key = (claim: Claim) => `${claim.taskId} ${claim.epoch}`;
  const named = (claim: Claim) => ({ taskId: claim.taskId, epoch: Number(claim.epoch) });
  const line = createLine({
    address: options.address,
    silenceMs: options.silenceMs,
    onOpen: greet,
    onMessage: receive,
    onBroken: broken,
  });
  const { send } = line;

  function greet(): void {
    send({
      case: 'hello',
      value: {
        agent: { agentId, capabilities: plays.map((play) => `${prefix}.${play}`) },
        instanceKey,
        slots,
        heldLeases: [...held.values()].map(({ claim, report }) => ({
          claim,
          hasUnackedResult: report !== undefined,
        })),
        client: 'history-agent',
      },
    });
  }

  function broken(): void {
    clearInterval(renewing);
    for (const one of held.values()) {
      one.renewal?.unknown();
      one.result?.unknown();
      delete one.renewal;
      delete one.result;
    }
  }

  function receive(message: WorkResponse['message']): void {
    switch (message.case) {
      case 'welcome':
        welcome(message.value);
        return;
      case 'assignments':
        for (const assignment of message.value.assignments) assigned(assignment);
        return;
      case 'leaseUpdates':
        for (const { claim, verdict } of message.value.updates) if (claim) leaseUpdated(claim, verdict);
        return;
      case 'resultAcks':
        for (const { claim, resultId, verdict } of message.value.acks) {
          if (claim) acknowledged(claim, resultId, verdict);
        }
        return;
      case 'cancels':
        for (const { claim } of message.value.cancels) {
          const one = claim && held.get(key(claim));
          if (one && !one.report) report(one, Outcome.CANCELLED);
        }
        return;
      case 'ping':
        send({ case: 'pong', value: { nonce: message.value.nonce } });
        return;
      case 'goAway':
        line.end();
        return;
    }
  }

  function welcome({ verdicts, renewInterval }: Welcome): void {
    for (const { claim, verdict } of verdicts) {
      const one = claim && held.get(key(claim));
      if (!one) continue;
      if (verdict === LeaseVerdict.KEEP) {
        if (one.report) sendReport(one);
      } else if (verdict === LeaseVerdict.CANCEL) {
        if (one.report) sendReport(one);
        else report(one, Outcome.CANCELLED);
      } else {
        held.delete(key(one.claim));
      }
    }
    granted = BigInt(Math.max(0, slots - held.size));
    send({ case: 'grant', value: { grantedTotal: granted } });
    renewing = setInterval(renew, renewInterval ? durationMs(renewInterval) : 1_000);
    line.welcomed();
    onWelcome();
  }

  function assigned({ claim, spec, attempt }: Assignment): void {
    if (!claim || !spec) return;
    history.saw('assigned', { ...named(claim), attempt });
    const play = spec.kind.slice(prefix.length + 1) as Play;
    const first = claim.epoch === 1n;
    if (first && play === 'ignore-once') {
      freeSlot();
      return;
    }
    if (first && play === 'decline-once') {
      history.saw('decline', named(claim));
      send({ case: 'decline', value: { claims: [claim], reason: 'not now' } });
      freeSlot();
      return;
    }
    history.saw('accept', named(claim));
    send({ case: 'accept', value: { claims: [claim] } });
    if (play === 'hang' || (play === 'hang-once' && attempt === 1)) {
      freeSlot();
      return;
    }
    const one: Held = { claim, play, renewals: 0 };
    held.set(key(claim), one);
    if (play === 'slow') {
      const progress = { fraction: 0.5, text: 'half' };
      send({ case: 'progress', value: { reports: [{ claim, progress }] } });
    } else if (play === 'flaky' && attempt === 1) report(one, Outcome.FAILED);
    else if (play === 'hopeless' && first) report(one, Outcome.FAILED);
    else if (play !== 'stuck') report(one, Outcome.SUCCEEDED);
  }

  function renew(): void {
    const due = [...held.values()].filter((one) => !one.report && !one.renewal);
    if (due.length === 0) return;
    for (const one of due) one.renewal = history.invoke('renew', named(one.claim));
    send({ case: 'renew', value: { claims: due.map(({ claim }) => claim) } });
  }

  function leaseUpdated(claim: Claim, verdict: LeaseVerdict): void {
    const one = held.get(key(claim));
    if (!one) return;
    const answer = one.renewal;
    delete one.renewal;
    if (verdict === LeaseVerdict.KEEP) {
      answer?.ok({ verdict: 'KEEP' });
      one.renewals += 1;
      if (one.play === 'slow' && one.renewals >= 2 && !one.report) report(one, Outcome.SUCCEEDED);
      return;
    }
    answer?.fail({ verdict: LeaseVerdict[verdict] });
    if (verdict === LeaseVerdict.CANCEL) {
      if (!one.report) report(one, Outcome.CANCELLED);
    } else if (!one.result) {
      history.saw('aborted', named(claim));
      held.delete(key(claim));
      freeSlot();
    }
  }

  function report(one: Held, outcome: Outcome): void {
    one.report = { resultId: randomUUID(), outcome };
    sendReport(one);
  }

  function sendReport(one: Held): void {
    if (!one.report) return;
    const { resultId, outcome } = one.report;
    one.result = history.invoke('result', { ...named(one.claim), resultId, outcome: Outcome[outcome] });
    const message = resultsOf(one.claim, one.report, agentId, one.play !== 'hopeless');
    send(message);
    if (repeats()) {
      send(message);
      send({ case: 'accept', value: { claims: [one.claim] } });
    }
    if (old && repeats()) send(old);
    old = message;
  }

  function acknowledged(claim: Claim, resultId: string, verdict: ResultVerdict): void {
    const one = held.get(key(claim));
    if (one?.report?.resultId !== resultId) return;
    const good = verdict === ResultVerdict.RECORDED || verdict === ResultVerdict.ALREADY_RECORDED;
    one.result?.[good ? 'ok' : 'fail']({ verdict: ResultVerdict[verdict] });
    held.delete(key(claim));
    freeSlot();
  }

  function freeSlot(): void {
    granted += 1n;
    send({ case: 'grant', value: { grantedTotal: granted } });
  }

  return {
    start() {
      return new Promise((resolve) => {
        onWelcome = resolve;
        line.open();
      });
    },
    crash() {
      broken();
      held.clear();
      instanceKey = randomUUID();
      line.drop();
    },
    stop() {
      clearInterval(renewing);
      line.stop();
    },
  };
}
