import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogRotation } from '../../src/runc/log-rotation.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stowage-rotation-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const MAX_BYTES = 10;

/** As conmon: writes to the file it has open, whatever its name is by now; a wish for a new file is carried out later. */
class Writer {
  readonly folder: string;
  wishes = 0;
  /** What it dropped is not in the numbered files until the next look. */
  hasReplaced = false;
  #content = '';
  #isMoved = false;

  constructor(where: string) {
    this.folder = where;
    writeFileSync(join(where, '0.log'), '');
  }

  write(text: string): void {
    this.#isMoved ||= !existsSync(join(this.folder, '0.log'));
    appendFileSync(join(this.folder, this.#isMoved ? '1.log' : '0.log'), text);
    this.#content += text;
  }

  /** A second wish would replace a file that has content by an empty one. */
  carryOut(): void {
    for (; this.wishes > 0; this.wishes--) {
      this.#renew();
    }
  }

  /** On its own account, as after so many bytes in all; asked when the file was looked at since it is there. */
  replace(): void {
    const paths = ['0.log', 'held'].map((name) => join(this.folder, name));
    if (this.#isMoved || !paths.every((path) => existsSync(path))) return;
    if (statSync(paths[0]).ino !== statSync(paths[1]).ino) return;
    this.#renew();
    this.hasReplaced = true;
  }

  /** Opens the file that it is going to write to, or makes it. */
  #renew(): void {
    writeFileSync(join(this.folder, '0.log.tmp'), '');
    renameSync(join(this.folder, '0.log.tmp'), join(this.folder, '0.log'));
    this.#isMoved = false;
  }

  get content(): string {
    return this.#content;
  }
}

function kept(where: string): string {
  return logFiles(where)
    .sort((a, b) => parseInt(b) - parseInt(a))
    .map((name) => readFileSync(join(where, name), 'utf8'))
    .join('');
}

function logFiles(where: string): string[] {
  return readdirSync(where).filter((name) => /^\d+\.log$/.test(name));
}

test('keeps the newest files, in order and whole, whatever comes between its looks', async () => {
  const step = fc.oneof(
    fc.string({ minLength: 1, maxLength: 12 }),
    fc.constant('look' as const),
    fc.constant('look' as const),
    fc.constant('carry out' as const),
    fc.constant('restart' as const),
    fc.constant('replace' as const),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.integer({ min: 1, max: 4 }),
      async (steps, maxFiles) => {
        const where = mkdtempSync(join(folder, 'r-'));
        const writer = new Writer(where);
        const begin = (): LogRotation => {
          const made = new LogRotation({
            onError: (error) => {
              throw error;
            },
          });
          made.watch('a', {
            folder: where,
            maxFileBytes: MAX_BYTES,
            maxFiles,
            reopen: () => void writer.wishes++,
          });
          return made;
        };
        let rotation = begin();
        for (const each of steps) {
          if (each === 'look') {
            await rotation.look();
            writer.hasReplaced = false;
          } else if (each === 'replace') writer.replace();
          else if (each === 'carry out') writer.carryOut();
          else if (each === 'restart') {
            // A wish that was sent is carried out soon; only one that was not sent is missing after a crash.
            writer.carryOut();
            rotation.close();
            rotation = begin();
          } else writer.write(each);
          if (!writer.hasReplaced) expect(writer.content.endsWith(kept(where))).toBe(true);
          expect(logFiles(where).length).toBeLessThanOrEqual(Math.max(maxFiles, 2));
          expect(writer.wishes).toBeLessThanOrEqual(1);
        }
        rotation.close();
      },
    ),
    { numRuns: 200 },
  );
});

test('what the writer drops on its own account is kept', async () => {
  const writer = new Writer(folder);
  const rotation = new LogRotation();
  rotation.watch('a', { folder, maxFileBytes: MAX_BYTES, maxFiles: 4, reopen: () => void writer.wishes++ });
  writer.write('1');
  await rotation.look();
  writer.replace();
  writer.write('second');
  await rotation.look();
  expect(readFileSync(join(folder, '1.log'), 'utf8')).toBe('1');
  writer.write('and more');
  await rotation.look();
  expect(writer.wishes).toBe(1);
  writer.carryOut();
  writer.write('new');
  // At once: no look was between.
  writer.replace();
  await rotation.look();
  expect(kept(folder)).toBe('1secondand morenew');
  rotation.close();
});

test('a crash between rename and wish is mended by the next look', async () => {
  const writer = new Writer(folder);
  writer.write('before');
  const rotation = new LogRotation();
  rmSync(join(folder, '0.log'));
  rotation.watch('a', { folder, maxFileBytes: MAX_BYTES, maxFiles: 2, reopen: () => void writer.wishes++ });
  await rotation.look();
  await rotation.look();
  expect(writer.wishes).toBe(1);
  rotation.close();
});

test('one timer for all logs; an error of one is told and the others go on', async () => {
  const timers: (() => void)[] = [];
  const errors: unknown[] = [];
  const clock = {
    wallMs: () => 0,
    monotonicMs: () => 0,
    schedule: (_: number, action: () => void) => {
      timers.push(action);
      return () => undefined;
    },
  };
  const rotation = new LogRotation({ clock, onError: (error) => errors.push(error) });
  const other = mkdtempSync(join(folder, 'o-'));
  writeFileSync(join(folder, '0.log'), 'x'.repeat(20));
  writeFileSync(join(other, '0.log'), 'x'.repeat(20));
  let reopened = 0;
  const broken = (): void => {
    throw new Error('broken pipe');
  };
  rotation.watch('a', { folder, maxFileBytes: MAX_BYTES, maxFiles: 2, reopen: broken });
  rotation.watch('b', { folder: other, maxFileBytes: MAX_BYTES, maxFiles: 2, reopen: () => void reopened++ });
  expect(timers).toHaveLength(1);
  timers[0]();
  await expect.poll(() => timers.length).toBe(2);
  expect(errors).toHaveLength(1);
  expect(reopened).toBe(1);
  rotation.close();
  rotation.unwatch('a');
});
