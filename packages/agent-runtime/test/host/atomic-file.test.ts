import { open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FileOperations, TEMPORARY_SUFFIX, writeFileAtomically } from '../../src/host/atomic-file.ts';
import { withFolder } from './temporary-folder.ts';

/** Fails at the n-th operation; `crash` lets all after it fail too, as when the process is dead. */
function failing(
  at: number,
  crash: boolean,
): { readonly files: FileOperations; readonly count: () => number } {
  let count = 0;
  const step = (name: string): void => {
    count += 1;
    if (count === at || (crash && count > at))
      throw Object.assign(new Error(`${name} fails`), { code: 'EIO' });
  };
  const guarded = async (path: string, flags: string, mode?: number): Promise<unknown> => {
    step('open');
    const file = await open(path, flags, mode);
    return {
      writeFile: async (data: string) => {
        // Half of it is written when the disk fails.
        try {
          step('write');
        } catch (error) {
          await file.writeFile(data.slice(0, data.length / 2));
          throw error;
        }
        await file.writeFile(data);
      },
      sync: async () => {
        step('sync');
        await file.sync();
      },
      close: async () => {
        await file.close();
        step('close');
      },
    };
  };
  return {
    files: {
      open: guarded as unknown as FileOperations['open'],
      rename: async (from, to) => {
        step('rename');
        await rename(from, to);
      },
      unlink: async (path) => {
        step('unlink');
        await unlink(path);
      },
    },
    count: () => count,
  };
}

/** Every place at which an operation can fail, and the success after the last. */
async function atEveryOperation(
  crash: boolean,
  run: (files: FileOperations) => Promise<void>,
  check: (error: unknown, at: number) => Promise<void>,
): Promise<number> {
  for (let at = 1; ; at++) {
    const { files, count } = failing(at, crash);
    const error = await run(files).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    await check(error, at);
    if (count() < at) return at - 1;
  }
}

describe('writeFileAtomically', () => {
  it('replaces a file with the mode asked for', () =>
    withFolder({ f: 'old' }, async (root) => {
      await writeFileAtomically(join(root, 'f'), 'new', { mode: 0o640 });
      expect(await readFile(join(root, 'f'), 'utf8')).toBe('new');
      expect((await stat(join(root, 'f'))).mode & 0o777).toBe(0o640);
      expect(await readdir(root)).toEqual(['f']);
    }));

  it.each([false, true])('leaves the old or the new text, wherever it fails (crash: %s)', async (crash) => {
    await withFolder({ f: 'generation 0' }, async (root) => {
      const path = join(root, 'f');
      let generation = 0;
      const operations = await atEveryOperation(
        crash,
        (files) => writeFileAtomically(path, `generation ${generation + 1}`, { files }),
        async (error) => {
          const text = await readFile(path, 'utf8');
          expect([`generation ${generation}`, `generation ${generation + 1}`]).toContain(text);
          if (error === undefined) expect(text).toBe(`generation ${generation + 1}`);
          const others = (await readdir(root)).filter((name) => name !== 'f');
          expect(others.filter((name) => name !== `f${TEMPORARY_SUFFIX}`)).toEqual([]);
          if (!crash) expect(others).toEqual([]);
          generation = Number(text.split(' ')[1]);
        },
      );
      expect(operations).toBeGreaterThanOrEqual(8);
      expect(generation).toBeGreaterThan(0);
    });
  });
});
