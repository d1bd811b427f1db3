import type { LogFields, Logger } from '@reeve/sdk';

export interface LoggedMessage {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

/** Keeps what is logged instead of printing it. */
export function keepingLog(): { log: Logger; messages: LoggedMessage[] } {
  const messages: LoggedMessage[] = [];
  const keep = (level: string) => (message: string, fields?: LogFields) =>
    void messages.push({ level, message, fields });
  const log = { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') };
  return { log, messages };
}
