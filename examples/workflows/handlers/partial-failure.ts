import type { Agent } from '@reeve/sdk';
import { refused, type Shelf } from './shelf.js';

interface Station {
  readonly station: string;
  readonly readings: number;
  readonly mean: number;
  readonly highest: number;
}

/** partial-failure.yaml */
export function handleStations(agent: Agent, shelf: Shelf): void {
  agent.handle(
    'station.read',
    async ({ folder, file }: { folder: string; file: string }): Promise<Station> => {
      const lines = (await shelf.read(folder, file)).split('\n').filter((line) => line !== '');
      if (lines.length === 0) throw refused('NoReadings', `${file} has no readings`);
      const values = lines.map((line, i) => {
        const [, value] = /^\d\d:\d\d (-?\d+(?:\.\d+)?)$/.exec(line) ?? [];
        if (value === undefined) throw refused('Unreadable', `${file}:${i + 1}: ${line}`);
        return Number(value);
      });
      return {
        station: file.replace(/\.txt$/, ''),
        readings: values.length,
        mean: values.reduce((sum, value) => sum + value, 0) / values.length,
        highest: Math.max(...values),
      };
    },
  );

  agent.handle(
    'stations.summarize',
    ({ stations, unread }: { stations: readonly Station[]; unread: readonly string[] }) => {
      const readings = stations.reduce((sum, station) => sum + station.readings, 0);
      const total = stations.reduce((sum, { mean, readings: n }) => sum + mean * n, 0);
      const warmest = [...stations].sort((a, b) => b.highest - a.highest)[0];
      return { readings, mean: total / readings, warmest: warmest?.station ?? null, unread };
    },
  );
}
