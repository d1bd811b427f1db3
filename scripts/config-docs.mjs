// Writes docs/configuration.md from the table of parameters; `--check` only compares. Needs a build.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { KNOWN_KEYS } from '../dist/domain/config/config-keys.js';

const file = fileURLToPath(new URL('../docs/configuration.md', import.meta.url));

const shown = (value) => (typeof value === 'object' ? JSON.stringify(value) : value);
const row = ({ key, type, default: otherwise, format, doc }) =>
  `| \`${key}\` | ${type} | ${otherwise === null ? '' : `\`${shown(format(otherwise))}\``} | ${doc} |`;

const made = `# What an organisation sets

<!-- Made from the table of parameters: node scripts/config-docs.mjs -->

Settings are the server's (\`reeve settings\`); an organisation sets parameters, while everything runs:

\`\`\`sh
reeve config set agent_resolution_strategy static
reeve config set head_start_urgent 12h
reeve config effective          # all there are, with the values that hold
reeve config watch -o jsonl     # every change, whoever makes it
\`\`\`

Each is stored on its own, with who set it and an etag: \`--etag ETAG\` changes it only as it was read, \`--etag '*'\` only if it is not set yet, \`--dry-run\` only checks. Words are written in lower case and taken in any, durations are \`500ms\`, \`30s\`, \`5m\`, \`48h\`. A key that Reeve does not know, or a value that it does not take, is refused at its place. So is a policy that is not there or of another kind, CEL that does not compile, and a remote directory without an address.

A change is in force where it was made before the call is answered, and on all coordinators within a second: they tell each other, and look in the record twice a second, should a message be lost. While the record is away, what is known holds. A stored value that a newer Reeve does not take any more falls to its default, and the log says so.

| parameter | takes | default | |
|---|---|---|---|
${[...KNOWN_KEYS.values()].map(row).join('\n')}

Parameters of your own have a dot or a slash in their keys, and hold any JSON: \`reeve config set acme/limits '{"pages": 20}'\`. Policies see all that is set as \`org\`, by key. One value has at most 64 KiB, is nested at most 32 deep, and an organisation has at most 1,000 parameters with 512 Ki characters in all.

## Kinds of jobs

\`reeve kind put\` says what tasks of a kind have to be like: a JSON Schema of the input, fields that may not be missing, and a CEL expression that is looked at once more right before an agent gets the task.

\`\`\`sh
reeve kind put report --require goal --require labels.team --schema report.schema.json
\`\`\`
`;

if (!process.argv.includes('--check')) {
  writeFileSync(file, made);
} else if (readFileSync(file, 'utf8') !== made) {
  console.error('docs/configuration.md is not current. Run: node scripts/config-docs.mjs');
  process.exitCode = 1;
}
