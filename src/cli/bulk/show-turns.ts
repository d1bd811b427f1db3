import cliProgress from 'cli-progress';
import type { Invocation } from '../invocation.js';
import { number } from './preview.js';

/** Fewer are done before anybody wonders. */
const WORTH_SHOWING = 100;
const LINE_EVERY = 1_000;

export interface Turns {
  readonly show: (done: number) => void;
  /** Call when all have had their turn. */
  readonly stop: () => void;
}

/** How far a long run has come, on standard error: a bar on a terminal, else a line for each 1,000. */
export function showTurns(
  { world, talk, onEnd }: Pick<Invocation, 'world' | 'talk' | 'onEnd'>,
  total: number,
): Turns {
  let last = 0;
  const isLong = total >= WORTH_SHOWING;
  const bar = isLong && world.stderr.isTTY ? barOn(world.stderr as NodeJS.WriteStream, total) : undefined;
  let isOver = false;
  const stop = () => {
    if (isOver) return;
    isOver = true;
    bar?.stop();
    if (last < total) talk(`Stopped after ${number(last)} of ${number(total)}.`);
  };
  onEnd(stop);
  return {
    show: (done) => {
      if (isOver) return;
      last = done;
      bar?.update(done);
      if (!bar && done % LINE_EVERY === 0 && done < total) talk(`${number(done)} of ${number(total)} …`);
    },
    stop,
  };
}

function barOn(stream: NodeJS.WriteStream, total: number): cliProgress.SingleBar {
  const format = '{bar}  {value} of {total}';
  const bar = new cliProgress.SingleBar(
    { stream, format, barsize: 24, hideCursor: true, clearOnComplete: true, stopOnComplete: false },
    cliProgress.Presets.shades_classic,
  );
  bar.start(total, 0);
  return bar;
}
