import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../test/support/history-sdk-agent.mjs', import.meta.url));

/** An agent process on the SDK. */
export interface SdkAgentProcess {
  /** The process that runs now. */
  readonly process: ChildProcess;
  /** Kills it for good. */
  stop(): void;
}

/**
 * Starts a process that handles `sdk.quick`, `sdk.dies`, `sdk.stuck` and `sdk.held` and
 * writes what it sees into `folder`. One that dies is followed by another.
 */
export function startSdkAgent(address: string, agentId: string, folder: string): SdkAgentProcess {
  let stopped = false;
  let child = launch();
  function launch(): ChildProcess {
    const launched = spawn(process.execPath, [PROGRAM, address, agentId, folder], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    });
    launched.once('close', () => {
      if (!stopped) child = launch();
    });
    return launched;
  }
  const stop = () => {
    stopped = true;
    process.off('exit', stop);
    child.kill('SIGKILL');
  };
  process.once('exit', stop);
  return {
    get process() {
      return child;
    },
    stop,
  };
}
