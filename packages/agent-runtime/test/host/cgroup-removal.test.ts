import { writeFileSync } from 'node:fs';
import { access, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { killAll, processesIn, removeCgroups } from '../../src/host/cgroup-removal.ts';
import { withFolder } from './temporary-folder.ts';

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

describe('removeCgroups', () => {
  it('removes trees from the bottom, and what is gone is no error', () =>
    withFolder({}, async (root) => {
      await mkdir(join(root, 'a/b/c'), { recursive: true });
      await mkdir(join(root, 'a/d'), { recursive: true });
      const cgroups = {
        version: 1,
        controllers: { cpu: join(root, 'a'), memory: join(root, 'none') },
      } as const;
      await removeCgroups(cgroups);
      expect(await isThere(join(root, 'a'))).toBe(false);
      await removeCgroups(cgroups);
    }));

  it('goes on after a folder that cannot be removed and names it', () =>
    withFolder({ 'kept/file': '' }, async (root) => {
      await mkdir(join(root, 'b'));
      const error = await removeCgroups([join(root, 'kept'), join(root, 'b')]).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(AggregateError);
      expect((error as AggregateError).errors).toHaveLength(1);
      expect((error as AggregateError).message).toContain(join(root, 'kept'));
      expect(await isThere(join(root, 'b'))).toBe(false);
    }));
});

describe('killAll', () => {
  it('signals until nothing is left, also what is forked meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ at: fc.constantFrom('a', 'a/b', 'c'), forks: fc.nat(3) }), { maxLength: 6 }),
        async (start) => {
          await withFolder(
            { 'a/b/cgroup.procs': '', 'a/cgroup.procs': '', 'c/cgroup.procs': '' },
            async (root) => {
              let nextPid = 4_000_000_000;
              const alive = new Map<number, { at: string; forks: number }>();
              for (const each of start) alive.set(nextPid++, { ...each });
              const write = (): void => {
                for (const at of ['a', 'a/b', 'c']) {
                  const pids = [...alive].filter(([, process]) => process.at === at).map(([pid]) => pid);
                  writeFileSync(join(root, at, 'cgroup.procs'), ['0', ...pids].join('\n'));
                }
              };
              write();
              await killAll([join(root, 'a'), join(root, 'c'), join(root, 'none')], {
                pauseMs: 0,
                kill: (pid, signal) => {
                  expect(signal).toBe('SIGKILL');
                  const process = alive.get(pid);
                  if (process === undefined)
                    throw Object.assign(new Error('no such process'), { code: 'ESRCH' });
                  alive.delete(pid);
                  if (process.forks > 0) alive.set(nextPid++, { at: process.at, forks: process.forks - 1 });
                  write();
                },
              });
              expect(alive.size).toBe(0);
              expect(await processesIn([root])).toEqual([]);
            },
          );
        },
      ),
      { numRuns: 25 },
    );
  });

  it('uses what the kernel offers, and thaws also when a signal is refused', () =>
    withFolder(
      { 'v2/cgroup.procs': '5\n', 'v2/cgroup.kill': '0', 'v1/freezer.state': 'THAWED' },
      async (root) => {
        const failed = killAll([join(root, 'v2'), join(root, 'v1')], {
          kill: () => {
            throw Object.assign(new Error('not permitted'), { code: 'EPERM' });
          },
        });
        await expect(failed).rejects.toThrow('not permitted');
        expect(await readFile(join(root, 'v1/freezer.state'), 'utf8')).toBe('THAWED');
        expect(await readFile(join(root, 'v2/cgroup.kill'), 'utf8')).toBe('1');
      },
    ));

  it('signals nobody who was not there any more after all were to end at once', () =>
    withFolder({ 'x/cgroup.procs': '4000000001\n' }, async (root) => {
      const procs = join(root, 'x/cgroup.procs');
      // Stands in for a kernel that ends what is there: the order changes the list, 4000000001 to 1000000001.
      await symlink(procs, join(root, 'x/cgroup.kill'));
      const killed: number[] = [];
      await killAll([join(root, 'x')], {
        kill: (pid) => {
          killed.push(pid);
          writeFileSync(procs, '');
        },
      });
      expect(killed).toEqual([1_000_000_001]);
    }));

  it('never touches a cgroup in which this process is', () =>
    withFolder({ 'x/cgroup.procs': `4000000001\n${process.pid}\n`, 'x/cgroup.kill': '0' }, async (root) => {
      const killed: number[] = [];
      await expect(killAll([join(root, 'x')], { kill: (pid) => void killed.push(pid) })).rejects.toThrow(
        'this process is in',
      );
      expect(killed).toEqual([]);
      expect(await readFile(join(root, 'x/cgroup.kill'), 'utf8')).toBe('0');
    }));

  it('gives up after its time and names who is left', () =>
    withFolder({ 'x/cgroup.procs': '4000000001\n' }, async (root) => {
      await expect(
        killAll([join(root, 'x')], { kill: () => undefined, timeoutMs: 5, pauseMs: 1 }),
      ).rejects.toThrow('4000000001');
      await writeFile(join(root, 'x/cgroup.procs'), '');
      await killAll([join(root, 'x')]);
    }));
});
