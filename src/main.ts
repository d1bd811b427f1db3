#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import process from 'node:process';
import { runCli } from './cli/run-cli.js';
import type { DoctorReport, MigrationReport } from './cli/world.js';
import { loadSettings } from './settings/load-settings.js';
import type { Settings } from './settings/table.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

type Flags = Readonly<Record<string, string>>;

const load = (flags: Flags) => loadSettings({ flags, env: process.env, folder: process.cwd() });

// What serves is loaded here, so that the other commands, which are clients, start without it.

/** `reeve dev` */
async function dev(flags: Flags): Promise<number> {
  const { startEmbedded } = await import('./embedded.js');
  const { runCoordinator } = await import('./run-coordinator.js');
  return runCoordinator({
    command: 'dev',
    say,
    load: () => load(flags),
    start({ values, origins }, log) {
      const keys = Object.keys(origins) as (keyof Settings)[];
      const given = new Set(keys.filter((key) => origins[key].source !== 'default'));
      return startEmbedded(values, log, version, given);
    },
    announce({ address, httpAddress, dataDir, movedPorts }) {
      process.stderr.write(
        'Embedded Postgres: what is acknowledged survives a crash of the process; a power cut can lose the last moments.\n',
      );
      for (const { door, wanted, used } of movedPorts) {
        say(`port ${wanted} is taken; ${door} is on ${used}`);
      }
      announce({ address, httpAddress, dataDir, mode: 'embedded' }, `, data in ${dataDir}`);
    },
    lost: (coordinator) => coordinator.lost,
  });
}

/** `reeve serve` */
async function serve(flags: Flags): Promise<number> {
  const { startServe } = await import('./serve.js');
  const { runCoordinator } = await import('./run-coordinator.js');
  return runCoordinator({
    command: 'serve',
    say,
    load: () => load(flags),
    start({ values }, log) {
      if (values.insecureOpen) say('there is no authentication: whoever reaches the ports may do everything');
      return startServe({ settings: values, log, version, say });
    },
    announce: ({ address, httpAddress, coordinatorId }) =>
      announce({ address, httpAddress, coordinatorId, mode: 'fleet' }, ', one of a fleet'),
  }).catch(failSoon);
}

/** `reeve migrate` */
async function migrate(flags: Flags, { plan }: { readonly plan: boolean }): Promise<MigrationReport> {
  const { values } = load(flags);
  const { runMigration } = await import('./run-migration.js');
  return runMigration(values, plan, say).catch(failSoon);
}

/** `reeve doctor` */
async function doctor(flags: Flags): Promise<DoctorReport> {
  const { values } = load(flags);
  const { runDoctor } = await import('./run-doctor.js');
  const report = await runDoctor(values);
  endSoon();
  return report;
}

/**
 * Lets the process end soon although something is open: when `pg` finds that it has no password to
 * log in with, it leaves the connection to the server's own timeout.
 */
function endSoon(): void {
  setTimeout(() => process.exit(), 250).unref();
}

function failSoon(error: unknown): never {
  endSoon();
  throw error;
}

/** Tells people, on standard error. */
function say(line: string): void {
  process.stderr.write(`reeve: ${line}\n`);
}

/** Says where it serves: a line for people, or one for programs. */
function announce(
  what: { readonly address: string; readonly httpAddress: string | null } & Readonly<Record<string, unknown>>,
  more: string,
): void {
  const { address, httpAddress, ...rest } = what;
  const http = httpAddress ? ` and HTTP on http://${httpAddress}` : '';
  const line = process.stdout.isTTY
    ? `Reeve serves gRPC on ${address}${http}${more}. Stop with Ctrl-C.`
    : JSON.stringify({ address, httpAddress, pid: process.pid, ...rest });
  process.stdout.write(`${line}\n`);
}

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  dev,
  serve,
  migrate,
  doctor,
  platform: process.platform,
  homeDir: homedir,
  version,
  onInterrupt(listener) {
    process.once('SIGINT', listener);
    return () => process.off('SIGINT', listener);
  },
  now: () => Date.now(),
});
