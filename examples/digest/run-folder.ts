import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { DocumentDigest, DocumentText, Failure, LinkCheck } from './documents/document.js';

/** The report is put together from parts of so many documents. */
export const DOCUMENTS_IN_A_PART = 300;
const READ_AT_ONCE = 50;

/** What is kept of each document, in folders of these names. */
interface Kept {
  readonly texts: DocumentText;
  readonly digests: DocumentDigest;
  readonly links: LinkCheck;
  readonly failures: Failure;
}

/** What a run is, kept so that an unfinished one can be resumed. */
export interface Run {
  readonly runId: string;
  /** The digested folder, absolute. */
  readonly root: string;
  /** ISO 8601. */
  readonly createTime: string;
  readonly status: 'RUNNING' | 'FINISHED' | 'GIVEN_UP';
  /** Relative to `root`, with `/`. */
  readonly files: readonly string[];
  readonly leftOut: readonly { readonly reason: string; readonly count: number }[];
  /** The person's question, once it was asked. */
  readonly question: string;
  /** What was answered, once it was, or why not. */
  readonly answer?: string;
}

/**
 * The folder of one run. What passes between agents and is larger than a payload should
 * be lies here; what they report about it goes through the coordinator.
 */
export class RunFolder {
  readonly folder: string;
  readonly runId: string;
  /** The tag of agents that serve this run. */
  readonly tag: string;

  constructor(folder: string) {
    this.folder = folder;
    this.runId = path.basename(folder);
    this.tag = `run:${this.runId}`;
  }

  static async create(
    runsFolder: string,
    run: Omit<Run, 'runId' | 'status' | 'question'>,
  ): Promise<RunFolder> {
    const runId = run.createTime.replace(/\.\d+Z$/, '').replace(/[^\d]/g, '-');
    let folder = path.join(runsFolder, runId);
    await mkdir(runsFolder, { recursive: true });
    for (let n = 2; ; n++) {
      try {
        await mkdir(folder);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        folder = path.join(runsFolder, `${runId}-${n}`);
      }
    }
    const created = new RunFolder(folder);
    await created.open();
    await created.write({ ...run, runId: created.runId, status: 'RUNNING', question: '' });
    return created;
  }

  /** The newest run over `root` that has documents and has not ended. */
  static async findUnfinished(runsFolder: string, root: string): Promise<RunFolder | undefined> {
    const names = await readdir(runsFolder).catch(() => []);
    for (const name of names.sort().reverse()) {
      const folder = new RunFolder(path.join(runsFolder, name));
      const run = await folder.read().catch(() => undefined);
      if (run?.root === root && run.status === 'RUNNING' && run.files.length > 0) return folder;
    }
    return undefined;
  }

  /** Makes the folders in it that are not there. */
  async open(): Promise<void> {
    for (const name of ['texts', 'digests', 'links', 'failures', 'parts']) {
      await mkdir(this.file(name), { recursive: true });
    }
  }

  async read(): Promise<Run> {
    return JSON.parse(await readFile(this.file('run.json'), 'utf8'));
  }

  write(run: Run): Promise<void> {
    return this.#replace('run.json', JSON.stringify(run));
  }

  /** Keeps something of a document, in place of what was kept before. */
  keep<K extends keyof Kept>(what: K, about: Kept[K]): Promise<void> {
    return this.#replace(`${what}/${documentKey(about.path)}.json`, JSON.stringify(about));
  }

  /** What was kept of a document; `undefined` if nothing was. */
  async kept<K extends keyof Kept>(what: K, document: string): Promise<Kept[K] | undefined> {
    return this.#readKept<K>(`${what}/${documentKey(document)}.json`);
  }

  async readText(document: string): Promise<DocumentText> {
    const text = await this.kept('texts', document);
    if (!text) throw new Error(`${document} has not been read`);
    return text;
  }

  /** What has been summarised so far. */
  async readDigests(): Promise<DocumentDigest[]> {
    const names = (await readdir(this.file('digests'))).filter((name) => name.endsWith('.json')).sort();
    const digests: DocumentDigest[] = [];
    for (let i = 0; i < names.length; i += READ_AT_ONCE) {
      const some = names.slice(i, i + READ_AT_ONCE);
      const read = await Promise.all(some.map((name) => this.#readKept<'digests'>(`digests/${name}`)));
      for (const digest of read) if (digest) digests.push(digest);
    }
    return digests;
  }

  writePart(part: number, documents: readonly DocumentDigest[]): Promise<void> {
    return this.#replace(`parts/${part}.json`, JSON.stringify(documents));
  }

  async readPart(part: number): Promise<DocumentDigest[]> {
    return JSON.parse(await readFile(this.file(`parts/${part}.json`), 'utf8'));
  }

  writeReport(name: string, content: string): Promise<void> {
    return this.#replace(name, content);
  }

  file(name: string): string {
    return path.join(this.folder, name);
  }

  async #readKept<K extends keyof Kept>(name: string): Promise<Kept[K] | undefined> {
    const text = await readFile(this.file(name), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** Whoever reads the file finds the old content or the new, never a part. */
  async #replace(name: string, content: string): Promise<void> {
    const file = this.file(name);
    const draft = `${file}.${process.pid}.tmp`;
    await writeFile(draft, content);
    await rename(draft, file);
  }
}

/** A short name for a document, the same in every process and run. */
export function documentKey(document: string): string {
  return createHash('sha256').update(document).digest('hex').slice(0, 32);
}
