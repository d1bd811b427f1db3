import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ReeveError } from '../../domain/errors.js';

/** What `reeve.json` says; it marks a folder as Reeve's. */
export interface Manifest {
  readonly postgresMajor: number;
  /** The version of the Reeve that made the folder. */
  readonly createdBy: string;
  /** Where its Reeve serves when nobody names a port and the default one was taken before. */
  readonly ports?: RememberedPorts;
}

/** Ports by the name of their setting, each from 1 to 65535. */
export interface RememberedPorts {
  readonly port?: number;
  readonly httpPort?: number;
}

const FILE = 'reeve.json';

/** `undefined` if there is none. */
export async function readManifest(dir: string): Promise<Manifest | undefined> {
  let text: string;
  try {
    text = await readFile(join(dir, FILE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { postgresMajor, createdBy, ports } = JSON.parse(text) as Partial<Manifest>;
    if (Number.isInteger(postgresMajor)) {
      const known = { postgresMajor: Number(postgresMajor), createdBy: String(createdBy) };
      return ports ? { ...known, ports: usable(ports) } : known;
    }
  } catch {
    // Falls through to the same answer.
  }
  throw new ReeveError(
    'FAILED_PRECONDITION',
    'DATA_FOLDER_DAMAGED',
    `${join(dir, FILE)} is damaged: it should be like {"postgresMajor":18,"createdBy":"0.1.0"}`,
  );
}

/** What is no port is as if it had never been remembered. */
function usable({ port, httpPort }: RememberedPorts): RememberedPorts {
  const isPort = (value: unknown) => Number.isInteger(value) && Number(value) > 0 && Number(value) <= 65_535;
  return {
    ...(isPort(port) && { port: Number(port) }),
    ...(isPort(httpPort) && { httpPort: Number(httpPort) }),
  };
}

/** In one step: a reader sees the old one or the new one. Only the folder's owner may. */
export async function writeManifest(dir: string, manifest: Manifest): Promise<void> {
  const draft = join(dir, 'owner', 'reeve.json.new');
  await writeFile(draft, `${JSON.stringify(manifest)}\n`);
  await rename(draft, join(dir, FILE));
}
