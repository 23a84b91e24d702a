import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cgroupFoldersAt,
  cgroupsAt,
  cgroupsOfProcess,
  findCgroupsOfProcess,
  readCgroupLayout,
} from '../../src/host/cgroup-layout.ts';
import { withFolder, writeFiles } from './temporary-folder.ts';

const BOTH = 'nodev\tsysfs\nnodev\tcgroup\nnodev\tcgroup2\n\text4\n';

const v1Mount = (mountPoint: string, controllers: string, root = '/'): string =>
  `33 32 0:29 ${root} ${mountPoint} rw,relatime shared:9 - cgroup cgroup rw,${controllers}\n`;
const v2Mount = (mountPoint: string, root = '/'): string =>
  `41 31 0:38 ${root} ${mountPoint} rw - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n`;
const OTHER_MOUNTS = '25 1 8:1 / / rw - ext4 /dev/sda1 rw\n31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n';

const V1 =
  OTHER_MOUNTS +
  v1Mount('/cg/cpu,cpuacct', 'cpu,cpuacct') +
  v1Mount('/cg/cpuset', 'cpuset') +
  v1Mount('/cg/memory', 'memory') +
  v1Mount('/cg/systemd', 'xattr,name=systemd');

describe('readCgroupLayout', () => {
  it('finds version 1 with several controllers in a hierarchy', () =>
    withFolder({ 'self/mountinfo': V1, filesystems: BOTH }, async (procRoot) => {
      const layout = await readCgroupLayout({ procRoot });
      expect(layout.mode).toBe('v1');
      expect(layout.supported).toEqual([1, 2]);
      expect(cgroupsAt(layout, '/stowage/t1')).toEqual({
        version: 1,
        controllers: {
          cpu: '/cg/cpu,cpuacct/stowage/t1',
          cpuacct: '/cg/cpu,cpuacct/stowage/t1',
          cpuset: '/cg/cpuset/stowage/t1',
          memory: '/cg/memory/stowage/t1',
        },
      });
      expect(cgroupFoldersAt(layout, '/stowage/t1')).toEqual([
        '/cg/cpu,cpuacct/stowage/t1',
        '/cg/cpuset/stowage/t1',
        '/cg/memory/stowage/t1',
        '/cg/systemd/stowage/t1',
      ]);
    }));

  it('finds version 2 with the controllers that its root has', () =>
    withFolder(
      { 'v2/cgroup.controllers': 'cpuset cpu io memory pids\n', filesystems: 'nodev\tcgroup2\n' },
      async (root) => {
        await writeFiles(root, { 'self/mountinfo': OTHER_MOUNTS + v2Mount(`${root}/v2`) });
        const layout = await readCgroupLayout({ procRoot: root });
        expect(layout.mode).toBe('v2');
        expect(layout.supported).toEqual([2]);
        const { version, controllers, unified } = cgroupsAt(layout, '/a');
        expect(version).toBe(2);
        expect(unified).toBeUndefined();
        expect(new Set(Object.values(controllers))).toEqual(new Set([`${root}/v2/a`]));
        expect(Object.keys(controllers).sort()).toEqual([
          'blkio',
          'cpu',
          'cpuacct',
          'cpuset',
          'freezer',
          'memory',
          'pids',
        ]);
        expect(cgroupFoldersAt(layout, '/a')).toEqual([`${root}/v2/a`]);
      },
    ));

  it('leaves out what version 2 does not have', () =>
    withFolder({ 'v2/cgroup.controllers': '\n', filesystems: BOTH }, async (root) => {
      await writeFiles(root, { 'self/mountinfo': v2Mount(`${root}/v2`) });
      const { controllers } = cgroupsAt(await readCgroupLayout({ procRoot: root }), '/a');
      expect(Object.keys(controllers).sort()).toEqual(['cpuacct', 'freezer']);
    }));

  it('finds a hybrid host, in whose version 2 cgroups lie too', () =>
    withFolder({ 'v2/cgroup.controllers': 'hugetlb\n', filesystems: BOTH }, async (root) => {
      await writeFiles(root, { 'self/mountinfo': V1 + v2Mount(`${root}/v2`) });
      const layout = await readCgroupLayout({ procRoot: root });
      expect(layout.mode).toBe('hybrid');
      expect(cgroupsAt(layout, '/x').version).toBe(1);
      expect(cgroupsAt(layout, '/x').unified).toBe(`${root}/v2/x`);
      expect(cgroupFoldersAt(layout, '/x')).toContain(`${root}/v2/x`);
    }));

  it('takes only a named hierarchy beside version 2 for version 2', () =>
    withFolder({ 'v2/cgroup.controllers': 'cpu memory\n', filesystems: BOTH }, async (root) => {
      await writeFiles(root, {
        'self/mountinfo': v1Mount('/cg/systemd', 'name=systemd') + v2Mount(`${root}/v2`),
      });
      expect((await readCgroupLayout({ procRoot: root })).mode).toBe('v2');
    }));

  it('says that nothing is mounted, and leaves out a hidden mount', () =>
    withFolder({ filesystems: BOTH }, async (root) => {
      await writeFiles(root, { 'self/mountinfo': OTHER_MOUNTS + v2Mount(`${root}/hidden`) });
      const layout = await readCgroupLayout({ procRoot: root });
      expect(layout).toEqual({ mode: 'none', hierarchies: [], supported: [1, 2] });
      expect(cgroupsAt(layout, '/a').controllers).toEqual({});
    }));

  it('understands escaped names and prefers the mount that shows most', () =>
    withFolder({ filesystems: BOTH }, async (root) => {
      await writeFiles(root, {
        'self/mountinfo':
          v1Mount('/part', 'memory', '/docker/abc') +
          v1Mount('/all\\040of\\134it', 'memory') +
          v1Mount('/more', 'memory'),
      });
      const layout = await readCgroupLayout({ procRoot: root });
      expect(cgroupFoldersAt(layout, '/y')).toEqual(['/all of\\it/y']);
    }));
});

describe('cgroupsOfProcess', () => {
  it('joins paths that differ by controller with the mounts', () =>
    withFolder({ 'v2/cgroup.controllers': '', filesystems: BOTH }, async (root) => {
      await writeFiles(root, {
        'self/mountinfo': V1 + v2Mount(`${root}/v2`),
        '12/cgroup': '9:name=systemd:/\n4:memory:/m/a:b\n2:cpu,cpuacct:/c\n0::/u\n',
      });
      expect(await cgroupsOfProcess(12, { procRoot: root })).toEqual({
        version: 1,
        controllers: { cpu: '/cg/cpu,cpuacct/c', cpuacct: '/cg/cpu,cpuacct/c', memory: '/cg/memory/m/a:b' },
        unified: `${root}/v2/u`,
      });
    }));

  it('sees through the mount of a part, and not beyond it', () =>
    withFolder({ filesystems: BOTH }, async (root) => {
      await writeFiles(root, {
        'self/mountinfo':
          v1Mount('/cg/memory', 'memory', '/docker/abc') + v1Mount('/cg/cpu', 'cpu', '/docker/abc'),
        '7/cgroup': '1:memory:/docker/abc/inner\n2:cpu:/docker/abcd\n',
        '8/cgroup': '1:memory:/docker/abc\n2:cpu:/../x\n',
      });
      expect((await cgroupsOfProcess(7, { procRoot: root })).controllers).toEqual({
        memory: '/cg/memory/inner',
      });
      expect((await cgroupsOfProcess(8, { procRoot: root })).controllers).toEqual({ memory: '/cg/memory' });
    }));

  it('tells that there is no such process', () =>
    withFolder({ 'self/mountinfo': V1, filesystems: BOTH }, async (procRoot) => {
      expect(await findCgroupsOfProcess(99, { procRoot })).toBeUndefined();
      await expect(cgroupsOfProcess(99, { procRoot })).rejects.toThrow('no process 99');
    }));
});

describe('paths', () => {
  it('never lead out of a hierarchy', async () => {
    await withFolder({ 'self/mountinfo': V1, filesystems: BOTH }, async (procRoot) => {
      const layout = await readCgroupLayout({ procRoot });
      fc.assert(
        fc.property(fc.array(fc.constantFrom('..', '.', 'a', 'b', ''), { maxLength: 8 }), (parts) => {
          for (const folder of cgroupFoldersAt(layout, `/${parts.join('/')}`)) {
            expect(
              layout.hierarchies.some(({ mountPoint }) => `${folder}/`.startsWith(`${mountPoint}/`)),
            ).toBe(true);
            expect(folder.split('/')).not.toContain('..');
          }
        }),
      );
    });
  });
});
