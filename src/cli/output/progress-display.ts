import type { TaskInfo } from '@reeve/sdk';
import { hasEnded } from '@reeve/sdk';
import cliProgress from 'cli-progress';
import type { Output } from '../world.js';
import { safeText } from './safe-text.js';
import { clip } from './table.js';
import { stateText } from './task-view.js';
import type { Scene } from './view.js';

/** A bar a task, redrawn in place. */
export class ProgressDisplay {
  readonly #bars = new Map<string, cliProgress.SingleBar>();
  readonly #multi: cliProgress.MultiBar;

  constructor(stream: Output) {
    this.#multi = new cliProgress.MultiBar(
      {
        stream: stream as unknown as NodeJS.WriteStream,
        format: '{id}  {bar}  {state}  {note}',
        barsize: 24,
        hideCursor: true,
        clearOnComplete: false,
        stopOnComplete: false,
        forceRedraw: true,
      },
      cliProgress.Presets.shades_classic,
    );
  }

  show(task: TaskInfo, scene: Scene): void {
    const fraction = task.state === 'SUCCEEDED' ? 1 : (task.progress?.fraction ?? 0);
    const payload = { id: safeText(task.taskId), state: stateText(task.state, scene), note: noteOf(task) };
    const bar = this.#bars.get(task.taskId);
    if (bar) bar.update(Math.round(fraction * 100), payload);
    else this.#bars.set(task.taskId, this.#multi.create(100, Math.round(fraction * 100), payload));
  }

  /** Leaves the last picture and gives the cursor back. */
  stop(): void {
    this.#multi.stop();
  }
}

function noteOf(task: TaskInfo): string {
  const error = hasEnded(task.state) && task.state !== 'SUCCEEDED' ? task.error : undefined;
  const note = error ? `${error.kind}: ${error.message}` : (task.progress?.text ?? task.agentId);
  return clip(safeText(note), 40);
}
