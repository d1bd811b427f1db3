/** What runs long. Both may be called twice; `stop` resolves when nothing runs any more. */
export interface Service {
  start(): void;
  stop(): Promise<void>;
}
