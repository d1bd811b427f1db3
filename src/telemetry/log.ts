import { type Level, pino, stdSerializers, stdTimeFunctions } from 'pino';
import type { Log } from '../ports/log.js';

/** From the most talkative. `silent` writes nothing. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A log whose level can be changed while it is in use. */
export interface AdjustableLog extends Log {
  setLevel(level: LogLevel): void;
}

export interface LogOptions {
  /** Lines below it are dropped. */
  readonly level: LogLevel;
  /** Gets each line, its newline included. Default: standard error, written at once. */
  readonly write?: (line: string) => void;
}

/**
 * A log of JSON lines: `{"level":"warn","time":"2026-01-31T12:00:00.000Z",…fields,"msg":"…"}`.
 * `err`, `error` and `cause` may be errors; they come as type, message and stack.
 */
export function createLog({ level, write = writeToStderr }: LogOptions): AdjustableLog {
  const log = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: plainError, error: plainError, cause: plainError },
    },
    { write: (line) => write(escapeControls(line)) },
  );
  const at = (name: Level) => (fields: object, message: string) => log[name](fields, message);
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    setLevel(to) {
      log.level = to;
    },
  };
}

/** An error of ioredis carries the command that failed, which may be the one with the password. */
function plainError(error: Error): object {
  const { command: _, ...told } = stdSerializers.err(error) as unknown as Record<string, unknown>;
  return told;
}

/** What JSON leaves as it is and a terminal or a line splitter would act on. */
const CONTROLS = /[\u007f-\u009f\u2028\u2029]/g;

function escapeControls(line: string): string {
  return line.replace(CONTROLS, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function writeToStderr(line: string): void {
  process.stderr.write(line);
}
