import type { AtSize } from '../backlog.js';
import type { Reported } from './report.js';
import { atMost, format, type Row, row } from './rows.js';
import { layOut } from './table.js';

const HEAD = ['', 'tasks', 'CPU a task', 'of that, µs'];

/** How figures go with a size. @param most of the CPU at the largest over that at the smallest, for Reeve */
export function reportSizes(what: string, most: number, all: readonly AtSize[]): Reported {
  const isSteady = all.some(({ steadyCpu }) => steadyCpu !== null);
  const line = (one: AtSize) => [
    `${one.name}, ${what}: ${one.size.toLocaleString('en-US')}`,
    format(one.tasksPerSecond, '/s'),
    format(one.cpuMicrosPerTask, 'µs'),
    Object.entries(one.cpu)
      .map(([part, micros]) => `${part} ${Math.round(micros)}`)
      .join(', '),
    ...(isSteady ? [one.steadyCpu ? format(sum(one.steadyCpu), 'µs') : ''] : []),
    String(one.lost),
    String(one.duplicated),
  ];
  return {
    tables: [
      layOut([[...HEAD, ...(isSteady ? ['one by one'] : []), 'lost', 'duplicated'], ...all.map(line)]),
    ],
    rows: [
      ...[...new Set(all.map(({ name }) => name))].flatMap((name) => growth(name, what, most, all)),
      ...all.flatMap(weight),
    ],
    json: { systems: all },
  };
}

function growth(name: string, what: string, most: number, all: readonly AtSize[]): Row[] {
  const sorted = all.filter((one) => one.name === name).sort((a, b) => a.size - b.size);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (!first || !last || first === last) return [];
  const sizes = `${what}: ${last.size.toLocaleString('en-US')} / ${first.size.toLocaleString('en-US')}`;
  const isOurs = name.startsWith('reeve');
  const rows = [
    row(
      `${name}, CPU a task, ${sizes}`,
      last.cpuMicrosPerTask / first.cpuMicrosPerTask,
      '×',
      isOurs ? atMost(most) : null,
    ),
  ];
  const ofCoordinator = (a: number | undefined, b: number | undefined) => {
    if (a !== undefined && b !== undefined) rows.push(row('  the same of the coordinator alone', b / a, '×'));
  };
  ofCoordinator(first.cpu.coordinator, last.cpu.coordinator);
  if (first.steadyCpu && last.steadyCpu) {
    const ratio = sum(last.steadyCpu) / sum(first.steadyCpu);
    rows.push(row('  where tasks come one by one', ratio, '×', isOurs ? atMost(most) : null));
    ofCoordinator(first.steadyCpu.coordinator, last.steadyCpu.coordinator);
  }
  return rows;
}

function sum(cpu: Readonly<Record<string, number>>): number {
  return Object.values(cpu).reduce((all, micros) => all + micros, 0);
}

function weight({ name, size, idleKib }: AtSize): Row[] {
  if (idleKib === null) return [];
  const what = `${name}, memory of an idle agent, of ${size.toLocaleString('en-US')}`;
  return [row(what, idleKib, 'KiB', atMost(60))];
}
