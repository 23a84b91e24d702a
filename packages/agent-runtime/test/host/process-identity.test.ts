import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootId, isRunning, readProcessIdentity } from '../../src/host/process-identity.ts';
import { withFolder, writeFiles } from './temporary-folder.ts';

const BOOT = 'sys/kernel/random/boot_id';

const statLine = (pid: number, name: string, state: string, startTicks: string): string =>
  `${pid} (${name}) ${state} 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 ${startTicks} 20 21\n`;

describe('readProcessIdentity', () => {
  it('is not led astray by names of programs', async () => {
    await withFolder({ [BOOT]: 'boot-1\n' }, async (procRoot) => {
      await fc.assert(
        fc.asyncProperty(
          fc.string({ unit: fc.constantFrom('(', ')', ' ', 'R', '1'), maxLength: 15 }),
          fc.nat(),
          async (name, ticks) => {
            await writeFiles(procRoot, { '42/stat': statLine(42, name, 'S', String(ticks)) });
            expect(await readProcessIdentity(42, { procRoot })).toEqual({
              pid: 42,
              startTicks: String(ticks),
              bootId: 'boot-1',
            });
          },
        ),
        { numRuns: 30 },
      );
    });
  });

  it('knows no process that is not there', () =>
    withFolder({ [BOOT]: 'boot-1\n' }, async (procRoot) => {
      expect(await readProcessIdentity(42, { procRoot })).toBeUndefined();
    }));
});

describe('isRunning', () => {
  const identity = { pid: 42, startTicks: '777', bootId: 'boot-1' };

  it.each([
    ['the process itself', 'boot-1', 'S', '777', true],
    ['one that has ended and was not waited for', 'boot-1', 'Z', '777', false],
    ['another with its number', 'boot-1', 'S', '778', false],
    ['the same numbers after a boot', 'boot-2', 'S', '777', false],
  ])('judges %s', (_, boot, state, ticks, expected) =>
    withFolder({ [BOOT]: `${boot}\n`, '42/stat': statLine(42, 'x', state, ticks) }, async (procRoot) => {
      expect(await isRunning(identity, { procRoot })).toBe(expected);
    }),
  );

  it('judges one that is gone', () =>
    withFolder({ [BOOT]: 'boot-1\n' }, async (procRoot) => {
      expect(await bootId({ procRoot })).toBe('boot-1');
      expect(await isRunning(identity, { procRoot })).toBe(false);
    }));
});
