import type { Setting } from '../../settings/setting.js';
import { SETTINGS } from '../../settings/table.js';
import type { Command, Option } from '../command.js';

const OPTIONS: readonly Option[] = Object.values<Setting<unknown>>(SETTINGS).map((setting) => ({
  name: setting.name,
  doc: setting.doc.replace(/\.$/, ''),
  env: setting.env,
  default: setting.format(setting.default),
  ...(setting.type === 'switch' ? { negatable: true } : { value: setting.type.toUpperCase() }),
  ...(setting.choices && { choices: setting.choices }),
  ...(setting.name === 'data' && { complete: 'file' as const }),
}));

export const DEV: Command = {
  path: ['dev'],
  summary: 'Run a coordinator with everything built in',
  detail:
    'Keeps its data in a folder and needs nothing else installed. Ctrl-C stops it; started again it goes on where it was. When it serves it writes one line on standard output.',
  options: OPTIONS,
  examples: [
    { line: 'reeve dev', doc: 'on 127.0.0.1:9001, data in .reeve/data' },
    { line: 'reeve dev --port 0 --data /tmp/reeve', doc: 'on any free port' },
    { line: 'REEVE_LOG_LEVEL=info reeve dev', doc: 'settings also come from the environment' },
  ],
  local: true,
  run: ({ given, world }) => {
    const flags: Record<string, string> = {};
    for (const { name } of OPTIONS) {
      const value = given.text(name) ?? given.switched(name)?.toString();
      if (value !== undefined) flags[name] = value;
    }
    return world.dev(flags);
  },
};
