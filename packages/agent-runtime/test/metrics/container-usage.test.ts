import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CgroupPaths } from '../../src/host/cgroup.ts';
import { readContainerUsage } from '../../src/metrics/container-usage.ts';
import type { UsageNumber } from '../../src/metrics/usage-numbers.ts';
import { withFolder, writeFiles } from '../host/temporary-folder.ts';

const V1: Readonly<Record<string, readonly [text: string, numbers: Partial<Record<UsageNumber, number>>]>> = {
  'cpuacct/cpuacct.stat': ['user 150\nsystem 25\n', { cpuUserSeconds: 1.5, cpuSystemSeconds: 0.25 }],
  'cpuacct/cpuacct.usage': ['1750000000\n', { cpuSeconds: 1.75 }],
  'cpu/cpu.stat': [
    'nr_periods 10\nnr_throttled 4\nthrottled_time 500000000\nnr_bursts 0\n',
    { cpuPeriods: 10, cpuThrottledPeriods: 4, cpuThrottledSeconds: 0.5 },
  ],
  'memory/memory.usage_in_bytes': ['4096\n', { memoryBytes: 4_096 }],
  'memory/memory.limit_in_bytes': ['8192\n', { memoryLimitBytes: 8_192 }],
  'memory/memory.max_usage_in_bytes': ['5000\n', { memoryPeakBytes: 5_000 }],
  'memory/memory.stat': [
    'cache 1\nrss 2\ntotal_cache 100\ntotal_rss 200\n',
    { memoryFileBytes: 100, memoryAnonymousBytes: 200 },
  ],
  'memory/memory.oom_control': ['oom_kill_disable 0\nunder_oom 0\noom_kill 3\n', { outOfMemoryKills: 3 }],
  'pids/pids.current': ['7\n', { processes: 7 }],
  'pids/pids.max': ['100\n', { processesLimit: 100 }],
  'blkio/blkio.throttle.io_service_bytes_recursive': [
    '8:0 Read 10\n8:0 Write 20\n8:0 Sync 30\n8:0 Total 30\n7:1 Read 5\n7:1 Write 0\nTotal 35\n',
    { blockReadBytes: 15, blockWriteBytes: 20 },
  ],
  'unified/cpu.pressure': [
    'some avg10=0.00 avg60=0.00 avg300=0.00 total=2000000\n',
    { cpuStalledSeconds: 2 },
  ],
};

const V2: typeof V1 = {
  'cpu.stat': [
    'usage_usec 3000000\nuser_usec 2000000\nsystem_usec 1000000\nnr_periods 5\nnr_throttled 1\nthrottled_usec 7000\n',
    {
      cpuSeconds: 3,
      cpuUserSeconds: 2,
      cpuSystemSeconds: 1,
      cpuPeriods: 5,
      cpuThrottledPeriods: 1,
      cpuThrottledSeconds: 0.007,
    },
  ],
  'memory.current': ['4096\n', { memoryBytes: 4_096 }],
  'memory.max': ['8192\n', { memoryLimitBytes: 8_192 }],
  'memory.peak': ['5000\n', { memoryPeakBytes: 5_000 }],
  'memory.stat': ['anon 200\nfile 100\nkernel 5\n', { memoryAnonymousBytes: 200, memoryFileBytes: 100 }],
  'memory.events': ['low 0\nhigh 0\nmax 9\noom 2\noom_kill 3\n', { outOfMemoryKills: 3 }],
  'pids.current': ['7\n', { processes: 7 }],
  'pids.max': ['100\n', { processesLimit: 100 }],
  'io.stat': [
    '8:0 rbytes=10 wbytes=20 rios=1 wios=1 dbytes=0 dios=0\n7:1 rbytes=5 wbytes=0 rios=1 wios=0\n',
    { blockReadBytes: 15, blockWriteBytes: 20 },
  ],
  'cpu.pressure': ['some avg10=0.00 total=2000000\nfull avg10=0.00 total=1\n', { cpuStalledSeconds: 2 }],
  'memory.pressure': [
    'some avg10=0.00 total=500000\nfull avg10=0.00 total=1\n',
    { memoryStalledSeconds: 0.5 },
  ],
  'io.pressure': ['some avg10=0.00 total=250000\nfull avg10=0.00 total=1\n', { blockStalledSeconds: 0.25 }],
};

const CONTROLLERS = ['cpu', 'cpuacct', 'cpuset', 'memory', 'pids', 'blkio', 'freezer'] as const;

function pathsIn(root: string, version: 1 | 2): CgroupPaths {
  const controllers = Object.fromEntries(
    CONTROLLERS.map((name) => [name, version === 1 ? join(root, name) : root]),
  );
  return { version, controllers, ...(version === 1 && { unified: join(root, 'unified') }) };
}

const NET = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 9999 99 0 9 0 0 0 0 9999 99 0 9 0 0 0 0
  eth0: 1000 10 0 1 0 0 0 0 2000 20 0 2 0 0 0 0
  eth1:500 5 0 0 0 0 0 0 700 7 0 1 0 0 0 0
`;

async function withProcess(own: string, its: string, run: (root: string) => Promise<void>): Promise<void> {
  await withFolder({ 'proc/9/net/dev': NET }, async (root) => {
    await mkdir(join(root, 'proc/self/ns'), { recursive: true });
    await mkdir(join(root, 'proc/9/ns'), { recursive: true });
    await symlink(own, join(root, 'proc/self/ns/net'));
    await symlink(its, join(root, 'proc/9/ns/net'));
    await run(root);
  });
}

describe('readContainerUsage', () => {
  it.each([
    [1, V1],
    [2, V2],
  ] as const)('reads what is there of version %i and invents nothing', async (version, files) => {
    const names = Object.keys(files);
    await fc.assert(
      fc.asyncProperty(fc.subarray(names), async (present) => {
        await withFolder({}, async (root) => {
          await writeFiles(root, Object.fromEntries(present.map((name) => [name, files[name][0]])));
          const usage = await readContainerUsage(
            { pid: 9, cgroups: pathsIn(root, version) },
            { procRoot: join(root, 'proc') },
          );
          expect(usage).toEqual(Object.assign({}, ...present.map((name) => files[name][1])));
        });
      }),
      { numRuns: 20 },
    );
  });

  it.each([1, 2] as const)('reads no limit where there is none in version %i', (version) =>
    withFolder(
      {
        'memory/memory.limit_in_bytes': '9223372036854771712\n',
        'pids/pids.max': 'max\n',
        'memory.max': 'max\n',
        'pids.max': 'max\n',
      },
      async (root) => {
        expect(
          await readContainerUsage({ pid: 9, cgroups: pathsIn(root, version) }, { procRoot: root }),
        ).toEqual({});
      },
    ),
  );

  it('takes a file without devices for no traffic, and garbage for nothing', () =>
    withFolder(
      {
        'io.stat': '',
        'cpu.stat': 'garbage\n',
        'memory.current': '\n',
        'cpu.pressure': '',
        'memory.peak': '-1',
      },
      async (root) => {
        expect(await readContainerUsage({ pid: 9, cgroups: pathsIn(root, 2) }, { procRoot: root })).toEqual({
          blockReadBytes: 0,
          blockWriteBytes: 0,
        });
      },
    ));

  it('adds up interfaces without loopback', () =>
    withProcess('net:[1]', 'net:[2]', async (root) => {
      const cgroups = { version: 2, controllers: {} } as const;
      expect(await readContainerUsage({ pid: 9, cgroups }, { procRoot: join(root, 'proc') })).toEqual({
        networkReceiveBytes: 1_500,
        networkReceivePackets: 15,
        networkReceiveDrops: 1,
        networkTransmitBytes: 2_700,
        networkTransmitPackets: 27,
        networkTransmitDrops: 3,
      });
    }));

  it("does not take the host's traffic for the container's", () =>
    withProcess('net:[1]', 'net:[1]', async (root) => {
      const cgroups = { version: 2, controllers: {} } as const;
      expect(await readContainerUsage({ pid: 9, cgroups }, { procRoot: join(root, 'proc') })).toEqual({});
    }));
});
