import type { Client } from '@reeve/sdk';
import { createClient } from '@reeve/sdk';
import { type HistoryEntry, openHistory } from '../support/history.js';
import { createHistoryAgent, type HistoryAgent } from '../support/history-agent.js';
import { seededRandom } from '../support/history-jobs.js';
import { PLAYS } from '../support/history-plays.js';
import { type SdkAgentProcess, startSdkAgent } from '../support/history-processes.js';

/** Without a word for so long an agent looks for another coordinator: three pings and a bit. */
const SILENCE_MS = 3_500;
/** How long clients wait for an answer. */
const CALL_MS = 5_000;

export interface PopulationOptions {
  /** Where agents and clients connect. */
  readonly address: string;
  readonly historyFolder: string;
  readonly seed: number;
  /** Without the SDK, each with a play for every kind of task. */
  readonly wireAgents: number;
  /** Processes on the SDK. */
  readonly sdkAgents: number;
  /** Without the SDK, one slot each. */
  readonly lightAgents: number;
  readonly clients: number;
  /** Told of every line of a history that this process writes. */
  readonly onEntry: (entry: HistoryEntry) => void;
}

/** Those who talk to the coordinators, and write down what they hear. */
export interface Population {
  readonly sdkAgents: readonly SdkAgentProcess[];
  readonly lightAgents: readonly HistoryAgent[];
  readonly clients: readonly Client[];
  close(): void;
}

/** Resolves when every agent of this process was welcomed. */
export async function openPopulation(options: PopulationOptions): Promise<Population> {
  const { address, historyFolder, onEntry } = options;
  const random = seededRandom(options.seed ^ 0x5eed);
  const closers: (() => void)[] = [];
  const rawAgent = (
    agentId: string,
    more: { slots: number; prefix: string; plays: typeof PLAYS | ['quick'] },
  ) => {
    const history = openHistory(historyFolder, agentId, onEntry);
    const repeats = () => random() < 0.1;
    const agent = createHistoryAgent({ address, agentId, history, silenceMs: SILENCE_MS, repeats, ...more });
    closers.push(() => agent.stop());
    return agent;
  };
  const wireAgents = names('wire', options.wireAgents).map((agentId) =>
    rawAgent(agentId, { slots: 4, prefix: 'wire', plays: PLAYS }),
  );
  const lightAgents = names('light', options.lightAgents).map((agentId) =>
    rawAgent(agentId, { slots: 1, prefix: 'light', plays: ['quick'] }),
  );
  const sdkAgents = names('sdk', options.sdkAgents).map((agentId) => {
    const agent = startSdkAgent(address, agentId, historyFolder);
    closers.push(() => agent.stop());
    return agent;
  });
  const clients = Array.from({ length: options.clients }, () => {
    const client = createClient({ address, timeoutMs: CALL_MS });
    closers.push(() => client.close());
    return client;
  });
  const close = () => {
    for (const each of closers.splice(0)) each();
  };
  try {
    await Promise.all([...wireAgents, ...lightAgents].map((agent) => agent.start()));
  } catch (error) {
    close();
    throw error;
  }
  return { sdkAgents, lightAgents, clients, close };
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}-${i + 1}`);
}
