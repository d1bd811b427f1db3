import { EXIT } from './cli/exit-codes.js';
import type { Coordinator } from './coordinator.js';
import { ReeveError } from './domain/errors.js';
import { changesBetween } from './settings/changes.js';
import type { ResolvedSettings } from './settings/resolve-settings.js';
import { SettingsError } from './settings/settings-error.js';
import { startFailure } from './start-failure.js';
import { type AdjustableLog, createLog } from './telemetry/log.js';

/** A command that serves. */
export interface Run<C extends Coordinator> {
  /** For example `dev`. */
  readonly command: string;
  /** Reads the settings; asked again by SIGHUP. */
  readonly load: () => ResolvedSettings;
  readonly start: (resolved: ResolvedSettings, log: AdjustableLog) => Promise<C>;
  /** Tells people, a line each. */
  readonly say: (line: string) => void;
  /** Says where it serves. */
  readonly announce: (coordinator: C) => void;
  /** Resolves with the cause if the coordinator cannot go on. */
  readonly lost?: (coordinator: C) => Promise<Error>;
}

/**
 * Serves until a signal says otherwise. A second signal ends it at once.
 *
 * @returns the exit code
 */
export async function runCoordinator<C extends Coordinator>(run: Run<C>): Promise<number> {
  const resolved = run.load();
  const log = createLog({ level: resolved.values.logLevel });
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
  const starting = run.start(resolved, log).catch((error: unknown) => {
    throw error instanceof ReeveError ? startFailure(error, run.command) : error;
  });
  const coordinator = await Promise.race([starting, asked]);
  // Whatever the start is at, it may be ended like by a kill.
  if (!coordinator) process.exit(EXIT.interrupted);
  run.announce(coordinator);
  if (!process.stdout.isTTY) {
    process.on('SIGHUP', () => run.say(readAgain(run, resolved, log, coordinator)));
  }
  const cause = await Promise.race([asked, ...(run.lost ? [run.lost(coordinator)] : [])]);
  if (cause) run.say(cause.message);
  await coordinator.stop();
  return cause ? 1 : 0;
}

/** Reads the settings again, and answers with what came of it. */
function readAgain<C extends Coordinator>(
  { load }: Run<C>,
  atStart: ResolvedSettings,
  log: AdjustableLog,
  coordinator: C,
): string {
  try {
    const now = load().values;
    log.setLevel(now.logLevel);
    coordinator.apply(now);
    const { live, later } = changesBetween(atStart.values, now);
    const restart = later.length > 0 ? `; at the next start: ${later.join(', ')}` : '';
    return `settings read again; other than at the start: ${live.join(', ') || 'nothing'}${restart}`;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return `the settings stay as they are: ${error.message}`;
  }
}
