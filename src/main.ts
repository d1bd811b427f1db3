#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { runCli } from './cli/run-cli.js';
import { resolveSettings } from './settings/resolve-settings.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** `reeve dev`: serves until a signal says otherwise. A second signal ends it at once. */
async function dev(flags: Readonly<Record<string, string>>): Promise<number> {
  const { values } = resolveSettings({ flags, env: process.env });
  // Loaded here, so that the other commands, which are clients, start without a server.
  const { startEmbedded } = await import('./embedded.js');
  const { createLog } = await import('./telemetry/log.js');
  const log = createLog({ level: values.logLevel });
  const asked = new Promise<void>((resolve) => {
    let signals = 0;
    const onSignal = () => {
      signals += 1;
      if (signals > 1) process.exit(130);
      resolve();
    };
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  });
  const coordinator = await startEmbedded(values, log, version);
  announce(coordinator.address, coordinator.dataDir);
  const cause = await Promise.race([asked, coordinator.lost]);
  if (cause) process.stderr.write(`reeve: ${cause.message}\n`);
  await coordinator.stop();
  return cause ? 1 : 0;
}

function announce(address: string, dataDir: string): void {
  process.stderr.write(
    'Embedded Postgres: what is acknowledged survives a crash of the process; a power cut can lose the last moments.\n',
  );
  const line = process.stdout.isTTY
    ? `Reeve serves on ${address}, data in ${dataDir}. Stop with Ctrl-C.`
    : JSON.stringify({ address, pid: process.pid, dataDir, mode: 'embedded' });
  process.stdout.write(`${line}\n`);
}

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  dev,
  version,
  onInterrupt(listener) {
    process.once('SIGINT', listener);
    return () => process.off('SIGINT', listener);
  },
  now: () => Date.now(),
});
