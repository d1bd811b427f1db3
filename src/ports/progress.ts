/** How far an attempt is, as its agent last said. Times in ms since the epoch. */
export interface ProgressNote {
  readonly fraction: number;
  readonly text: string;
  readonly updateTime: number;
}

/** The newest progress of running attempts. Soft: at most one note a second and task is kept, none through a restart. */
export interface ProgressNotes {
  /** True if the note was kept. */
  set(taskId: string, fraction: number, text: string): boolean;
  get(taskId: string): ProgressNote | null;
  /** Forgets a task whose attempt has ended. */
  delete(taskId: string): void;
}
