import { parseArgs } from 'node:util';
import { type Agent, agent } from '@reeve/sdk';
import { RunFolder } from '../run-folder.js';

/** What an agent tells the process that started it, once it is connected. */
export const CONNECTED = 'connected';

/** What every sample agent gets on its command line. */
export interface SampleAgent {
  readonly agent: Agent;
  /** The folder whose documents are digested. */
  readonly root: string;
  readonly run: RunFolder;
}

/**
 * An agent that takes tasks of its run only: they require the run's tag. Tasks of a run
 * that was given up so wait for its resumption instead of meeting the wrong folder.
 */
export function sampleAgent(): SampleAgent {
  const { values } = parseArgs({
    options: {
      address: { type: 'string' },
      id: { type: 'string' },
      root: { type: 'string' },
      run: { type: 'string' },
    },
  });
  const { address, id, root, run } = values;
  if (!address || !id || !root || !run) throw new Error('needs --address, --id, --root and --run');
  const folder = new RunFolder(run);
  return { agent: agent({ agentId: id, address, tags: [folder.tag] }), root, run: folder };
}

/** Works until a signal ends it, and tells the parent when it is connected. */
export async function serve(agent: Agent): Promise<void> {
  const done = agent.run();
  agent.start().then(
    () => process.connected && process.send?.(CONNECTED),
    () => {}, // `done` says why.
  );
  await done;
}
