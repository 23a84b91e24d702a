/**
 * Writing the report: whether that will be possible is found out before hours of work, not after.
 */
import { accessSync, constants, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { ReportMeta } from '@stowage/simulator';
import { fail } from './cli-errors.ts';
import type { Session } from './session.ts';

export class ReportFile {
  readonly path: string;
  readonly #session: Session;

  /** @throws StowageError REPORT_NOT_WRITABLE */
  constructor(file: string, session: Session) {
    this.path = resolve(session.context.workingFolder, file);
    this.#session = session;
    this.#guarded(() => {
      accessSync(dirname(this.path), constants.W_OK);
      const existing = statSync(this.path, { throwIfNoEntry: false });
      if (existing?.isDirectory()) throw new Error('it is a folder');
      if (existing !== undefined) accessSync(this.path, constants.W_OK);
    });
  }

  /** Replaces the file as a whole, or leaves it as it was. @throws StowageError REPORT_NOT_WRITABLE */
  write(render: (meta: ReportMeta) => string): void {
    const html = render(metaOf(this.#session));
    this.#guarded(() => {
      const isSpecial = statSync(this.path, { throwIfNoEntry: false })?.isFile() === false;
      if (isSpecial) writeFileSync(this.path, html);
      else replaceFile(this.path, html);
    });
  }

  #guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
      fail(
        'REPORT_NOT_WRITABLE',
        `cannot write ${this.path} (${reason}); choose another file with --report, or --no-report.`,
        error,
      );
    }
  }
}

function replaceFile(path: string, content: string): void {
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(unfinished, content);
    renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

function metaOf({ argv, context }: Session): ReportMeta {
  const processors = cpus();
  return {
    command: ['stowage', ...argv.map(quoted)].join(' '),
    // Empty on machines whose system does not tell.
    cpuModel: processors[0]?.model.trim() ?? 'unknown processor',
    cores: processors.length,
    nodeVersion: process.version,
    date: `${new Date(context.now()).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
  };
}

function quoted(argument: string): string {
  return /^[\w./:=,@%+-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
