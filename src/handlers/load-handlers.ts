import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ReeveError } from '../domain/errors.js';
import type { Clock } from '../ports/clock.js';
import type { Handler } from './handler-line.js';
import type { HandlerRegistry } from './registry.js';

/** How long a module may take to register what it has, in ms. */
const REGISTER_MS = 10_000;

/** What a module's `register` is given. */
export interface ModuleEvents {
  /** @returns what unregisters it */
  on(pattern: string, handler: Handler): () => void;
}

export interface LoadHandlersOptions {
  /** Paths, which begin with `.` or `/`, or names of packages; as the setting has them. */
  readonly names: readonly string[];
  /** What paths are relative to, and where packages are looked for first. */
  readonly folder: string;
  readonly registry: HandlerRegistry;
  readonly clock: Clock;
}

/**
 * Loads modules and registers what they export: `onTaskEvent`, `onWorkflowEvent`, and whatever `register` asks for.
 *
 * @throws FAILED_PRECONDITION (EVENT_HANDLER_UNUSABLE) naming the module
 */
export async function loadHandlers({ names, folder, registry, clock }: LoadHandlersOptions): Promise<void> {
  for (const name of names) {
    const { onTaskEvent, onWorkflowEvent, register } = await importModule(name, folder);
    if (onTaskEvent === undefined && onWorkflowEvent === undefined && register === undefined) {
      throw unusable(name, 'it exports none of onTaskEvent, onWorkflowEvent and register');
    }
    const exported = { onTaskEvent, onWorkflowEvent, register };
    for (const [verb, value] of Object.entries(exported)) {
      if (value !== undefined && typeof value !== 'function')
        throw unusable(name, `its ${verb} is no function`);
    }
    if (onTaskEvent) registry.on('task', `${name}#onTaskEvent`, onTaskEvent as Handler);
    if (onWorkflowEvent) registry.on('workflow', `${name}#onWorkflowEvent`, onWorkflowEvent as Handler);
    if (register) await registered(name, register as Register, registry, clock);
  }
}

type Register = (events: ModuleEvents) => unknown;

async function registered(
  name: string,
  register: Register,
  registry: HandlerRegistry,
  clock: Clock,
): Promise<void> {
  const events: ModuleEvents = {
    on: (pattern, handler) => registry.on(pattern, `${name}#${pattern}`, handler),
  };
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`it took more than ${REGISTER_MS / 1_000} s`);
    cancel = clock.after(REGISTER_MS, () => reject(error));
  });
  try {
    await Promise.race([(async () => register(events))(), late]);
  } catch (error) {
    throw unusable(name, `its register failed: ${wordsOf(error)}`);
  } finally {
    cancel();
  }
}

async function importModule(name: string, folder: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(placeOf(name, folder));
  } catch (error) {
    throw unusable(name, `it cannot be loaded: ${wordsOf(error)}`);
  }
}

/** Where a module is; the name itself if it is no package of the folder. */
function placeOf(name: string, folder: string): string {
  if (name.startsWith('file:')) return name;
  if (/^\.{0,2}[/\\]/.test(name) || path.isAbsolute(name)) {
    return pathToFileURL(path.resolve(folder, name)).href;
  }
  try {
    return pathToFileURL(createRequire(path.join(folder, 'package.json')).resolve(name)).href;
  } catch {
    return name;
  }
}

function unusable(name: string, why: string): ReeveError {
  const message = `the event handler "${name}" is not usable: ${why}`;
  return new ReeveError('FAILED_PRECONDITION', 'EVENT_HANDLER_UNUSABLE', message);
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
