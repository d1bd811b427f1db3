import { createHash } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { DocumentDigest, DocumentText } from './documents/document.js';

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
    await mkdir(path.join(folder, 'texts'));
    await mkdir(path.join(folder, 'parts'));
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

  async read(): Promise<Run> {
    return JSON.parse(await readFile(this.file('run.json'), 'utf8'));
  }

  write(run: Run): Promise<void> {
    return this.#replace('run.json', JSON.stringify(run));
  }

  writeText(text: DocumentText): Promise<void> {
    return this.#replace(textFile(text.path), JSON.stringify(text));
  }

  async readText(document: string): Promise<DocumentText> {
    return JSON.parse(await readFile(this.file(textFile(document)), 'utf8'));
  }

  /** Makes a document known to whoever answers questions. */
  addDigests(digests: readonly DocumentDigest[]): Promise<void> {
    return appendFile(
      this.file('digests.jsonl'),
      digests.map((digest) => `${JSON.stringify(digest)}\n`).join(''),
    );
  }

  /** What has been digested so far; a line that a crash cut short is passed over. */
  async readDigests(): Promise<DocumentDigest[]> {
    const text = await readFile(this.file('digests.jsonl'), 'utf8').catch(() => '');
    const known = new Map<string, DocumentDigest>();
    for (const line of text.split('\n')) {
      try {
        const digest: DocumentDigest = JSON.parse(line);
        known.set(digest.path, digest);
      } catch {}
    }
    return [...known.values()];
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

function textFile(document: string): string {
  return `texts/${documentKey(document)}.json`;
}
