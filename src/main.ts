#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import process from 'node:process';
import { EXIT, type ExitCode } from './cli/exit-codes.js';
import { CliError } from './cli/failure.js';
import { runCli } from './cli/run-cli.js';
import { ReeveError } from './domain/errors.js';
import type { EmbeddedCoordinator } from './embedded.js';
import { changesBetween } from './settings/changes.js';
import { loadSettings } from './settings/load-settings.js';
import { SettingsError } from './settings/settings-error.js';
import type { Settings } from './settings/table.js';
import type { AdjustableLog } from './telemetry/log.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** `reeve dev`: serves until a signal says otherwise. A second signal ends it at once. */
async function dev(flags: Readonly<Record<string, string>>): Promise<number> {
  const load = () => loadSettings({ flags, env: process.env, folder: process.cwd() });
  const read = () => load().values;
  const { values, origins } = load();
  const settingKeys = Object.keys(origins) as (keyof Settings)[];
  const given = new Set(settingKeys.filter((key) => origins[key].source !== 'default'));
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
    // A terminal that is closed says so with it.
    if (process.stdout.isTTY) process.on('SIGHUP', onSignal);
  });
  const starting = startEmbedded(values, log, version, given).catch((error: unknown) => {
    throw error instanceof ReeveError ? startFailure(error) : error;
  });
  const coordinator = await Promise.race([starting, asked]);
  // Whatever the start is at, it may be ended like by a kill.
  if (!coordinator) process.exit(EXIT.interrupted);
  announce(coordinator);
  if (!process.stdout.isTTY) {
    process.on('SIGHUP', () => {
      process.stderr.write(`reeve: ${readAgain(read, values, log, coordinator)}\n`);
    });
  }
  const cause = await Promise.race([asked, coordinator.lost]);
  if (cause) process.stderr.write(`reeve: ${cause.message}\n`);
  await coordinator.stop();
  return cause ? 1 : 0;
}

/** Reads the settings again, and answers with what came of it. */
function readAgain(
  read: () => Settings,
  atStart: Settings,
  log: AdjustableLog,
  coordinator: EmbeddedCoordinator,
): string {
  try {
    const now = read();
    log.setLevel(now.logLevel);
    coordinator.apply(now);
    const { live, later } = changesBetween(atStart, now);
    const restart = later.length > 0 ? `; at the next start: ${later.join(', ')}` : '';
    return `settings read again; other than at the start: ${live.join(', ') || 'nothing'}${restart}`;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return `the settings stay as they are: ${error.message}`;
  }
}

/** What a person can do about a start that failed. */
function startFailure({ reason, message }: ReeveError): CliError {
  const [exit, hint]: [ExitCode, string] =
    reason === 'DATA_FOLDER_IN_USE'
      ? [
          EXIT.conflict,
          'Use the one that serves, or give this one a folder of its own: reeve dev --data FOLDER',
        ]
      : reason.startsWith('DATA_FOLDER')
        ? [EXIT.usage, 'Give another folder: reeve dev --data FOLDER']
        : reason === 'ADDRESS_UNUSABLE' || reason === 'EADDRINUSE'
          ? [
              EXIT.usage,
              'Give an address of this machine and a free port: reeve dev --host 127.0.0.1 --port 0 --http-port 0',
            ]
          : [EXIT.failure, 'See the log: reeve dev --log-level debug'];
  return new CliError({ code: reason, message, retryable: false, hint, exit });
}

function announce({ address, httpAddress, dataDir, movedPorts }: EmbeddedCoordinator): void {
  process.stderr.write(
    'Embedded Postgres: what is acknowledged survives a crash of the process; a power cut can lose the last moments.\n',
  );
  for (const { door, wanted, used } of movedPorts) {
    process.stderr.write(`reeve: port ${wanted} is taken; ${door} is on ${used}\n`);
  }
  const http = httpAddress ? ` and HTTP on http://${httpAddress}` : '';
  const line = process.stdout.isTTY
    ? `Reeve serves gRPC on ${address}${http}, data in ${dataDir}. Stop with Ctrl-C.`
    : JSON.stringify({ address, httpAddress, pid: process.pid, dataDir, mode: 'embedded' });
  process.stdout.write(`${line}\n`);
}

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  dev,
  platform: process.platform,
  homeDir: homedir,
  version,
  onInterrupt(listener) {
    process.once('SIGINT', listener);
    return () => process.off('SIGINT', listener);
  },
  now: () => Date.now(),
});
