const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Calls `onFirst` at the first signal. At the second the handlers are gone and it is raised again,
 * so that the process ends as it would without them.
 */
export function untilSignalled(onFirst: (signal: NodeJS.Signals) => void): { dispose(): void } {
  let seen = false;
  const listener = (signal: NodeJS.Signals) => {
    if (!seen) {
      seen = true;
      return onFirst(signal);
    }
    dispose();
    process.kill(process.pid, signal);
  };
  const dispose = () => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return { dispose };
}
