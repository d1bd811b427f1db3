import type { Command } from '../command.js';
import type { View } from '../output/view.js';

interface Versions {
  readonly version: string;
  readonly node: string;
}

const VERSION_VIEW: View<Versions> = {
  id: ({ version }) => version,
  version: ({ version }) => version,
  columns: [
    { title: 'version', value: ({ version }) => version },
    { title: 'node', value: ({ node }) => node },
  ],
  details: ({ version, node }) => [
    ['Reeve', version],
    ['Node', node],
  ],
};

export const VERSION: Command = {
  path: ['version'],
  summary: 'Show the version of this program',
  examples: [{ line: 'reeve version -o json', doc: 'for programs' }],
  local: true,
  run: async ({ out, world }) => {
    await out.one(VERSION_VIEW, { version: world.version, node: process.versions.node });
    return 0;
  },
};
