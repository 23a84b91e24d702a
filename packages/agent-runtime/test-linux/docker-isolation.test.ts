/** Limits, users, capabilities and system calls, read back from the kernel, on a plain engine and one that remaps users. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InvalidContainerError, UnavailableError } from '../src/contract/container-backend.ts';
import type { ContainerSecurity } from '../src/contract/container-spec.ts';
import { runCommand } from '../src/host/run-command.ts';
import { never, withDocker } from './docker-set-up.ts';

const OPEN: ContainerSecurity = {
  userNamespace: false,
  seccomp: 'default',
  capabilities: [],
  readOnlyRoot: false,
  noNewPrivileges: true,
};

describe('plain engine', () => {
  const docker = withDocker('docker');

  test('says what it can do', async () => {
    const features = await docker.backend.probe();
    const levels = Object.fromEntries(Object.entries(features).map(([name, { level }]) => [name, level]));
    expect(levels).toMatchObject({
      'rootfs-folder': 'unavailable',
      'cpu-shares': 'enforced',
      'cpu-sets': 'enforced',
      'memory-limit': 'enforced',
      'pids-limit': 'enforced',
      'user-namespace': 'unavailable',
      seccomp: 'enforced',
      'launch-gate': 'enforced',
    });
    const without = docker.newBackend({ busyboxPaths: ['/etc/passwd', '/no/such/file', '/bin/ls'] });
    expect((await without.probe())['launch-gate']).toMatchObject({ level: 'unavailable' });
    await expect(without.create(docker.spec('x', ['true']), never)).rejects.toThrow('busybox-static');
    await without.close();
  });

  test('what is mounted below a read-only mount cannot be written through it', async () => {
    const outer = join(docker.folder, 'outer');
    const inner = join(outer, 'inner');
    mkdirSync(inner, { recursive: true });
    await runCommand('mount', ['-t', 'tmpfs', '-o', 'mode=777', 'stowage-test', inner]);
    try {
      const mounts = [{ kind: 'bind', source: outer, target: '/mnt', readOnly: true }] as const;
      expect(await docker.told('below', 'touch /mnt/inner/x || echo closed', { mounts })).toContain('closed');
      expect(existsSync(join(inner, 'x'))).toBe(false);
    } finally {
      await docker.backend.remove('below');
      await runCommand('umount', [inner]);
    }
  });

  test('limits stand in the cgroup before the command runs', async () => {
    const spec = docker.spec('limits', ['sleep', '1000'], {
      cpu: { shares: 333, quotaMicros: 50_000, periodMicros: 100_000, cpus: [1] },
      memoryBytes: 32 * 1024 * 1024,
      pids: 17,
      oomScoreAdjust: 321,
      limits: [
        { name: 'nofile', soft: 100, hard: 200 },
        { name: 'core', soft: 0, hard: 0 },
      ],
      labels: { 'my.label': 'yes', 'stowage.owner': 'somebody else' },
      hostname: 'a-host',
    });
    const { pid, cgroups } = await docker.backend.create(spec, never);
    const { controllers, version } = cgroups;
    const read = (controller: keyof typeof controllers, file: string): string =>
      readFileSync(join(controllers[controller]!, file), 'utf8').trim();
    expect(read('pids', 'pids.max')).toBe('17');
    expect(read('cpuset', 'cpuset.cpus')).toBe('1');
    if (version === 1) {
      expect(read('cpu', 'cpu.shares')).toBe('333');
      expect(read('cpu', 'cpu.cfs_quota_us')).toBe('50000');
      expect(read('memory', 'memory.limit_in_bytes')).toBe(String(32 * 1024 * 1024));
      expect(read('memory', 'memory.memsw.limit_in_bytes')).toBe(String(32 * 1024 * 1024));
    } else {
      expect(read('cpu', 'cpu.max')).toBe('50000 100000');
      expect(read('memory', 'memory.max')).toBe(String(32 * 1024 * 1024));
      expect(read('memory', 'memory.swap.max')).toBe('0');
    }
    expect(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim()).toBe('321');
    const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
    expect(limits).toMatch(/Max open files +100 +200 /);
    expect(limits).toMatch(/Max core file size +0 +0 /);
    expect(readFileSync(`/proc/${pid}/net/dev`, 'utf8').match(/^ *\w+:/gm)).toEqual(['    lo:']);
    // The label of the owner cannot be taken away by a task.
    expect(await docker.backend.list()).toMatchObject([{ id: 'limits' }]);
  });

  test('capabilities, no new privileges and seccomp are as asked for', async () => {
    const script = 'grep -E "Cap(Eff|Bnd|Inh)|NoNewPrivs|Seccomp:" /proc/self/status';
    const lines = async (id: string, security: ContainerSecurity): Promise<string> =>
      (await docker.told(id, script, { security })).replaceAll(/\s+/g, ' ');
    expect(await lines('none', OPEN)).toBe(
      'CapInh: 0000000000000000 CapEff: 0000000000000000 CapBnd: 0000000000000000 NoNewPrivs: 1 Seccomp: 2 ',
    );
    const capabilities = ['CAP_CHOWN', 'CAP_NET_RAW'];
    const some = await lines('some', {
      ...OPEN,
      capabilities,
      noNewPrivileges: false,
      seccomp: 'unconfined',
    });
    expect(some).toMatch(/CapEff: 0000000000002001 CapBnd: 0000000000002001 NoNewPrivs: 0 Seccomp: 0 $/);
    const unknown = docker.spec('bad', ['true'], { security: { ...OPEN, capabilities: ['CAP_NONSENSE'] } });
    await expect(docker.backend.create(unknown, never)).rejects.toThrow(InvalidContainerError);
  });

  test('strict seccomp denies what the default list allows, and still runs programs', async () => {
    const capabilities = ['CAP_SYS_ADMIN', 'CAP_SYS_CHROOT'];
    const script = [
      'unshare -m true 2>&1 && echo unshared',
      'mount -t tmpfs none /mnt 2>&1',
      'chroot / true 2>&1 && echo rooted',
      'echo a b | tr " " "\\n" | sort -r | head -n 1',
      'true & wait $! && echo forked',
    ].join('; ');
    const changes = (seccomp: ContainerSecurity['seccomp']): object => ({
      security: { ...OPEN, seccomp, capabilities },
      mounts: [{ kind: 'tmpfs', target: '/mnt', readOnly: false, sizeMiB: 1 }],
    });
    expect(await docker.told('default', script, changes('default'))).toBe('unshared\nrooted\nb\nforked\n');
    expect(await docker.told('strict', script, changes('strict'))).toMatch(
      /^unshare: .*Operation not permitted\nmount: permission denied .*\nchroot: .*Operation not permitted\nb\nforked\n$/,
    );
  });

  test('mounts: bind read-only and writable, tmpfs with a size', async () => {
    const script = [
      'cat /in/0.txt',
      'touch /in/new 2>&1',
      'touch /out/new && echo written',
      'dd if=/dev/zero of=/scratch/x bs=1M count=5 2>/dev/null; ls -l /scratch/x | tr -s " " | cut -d " " -f 5',
    ].join('; ');
    const { mkdirSync, writeFileSync, existsSync } = await import('node:fs');
    for (const name of ['in', 'out']) mkdirSync(join(docker.folder, name), { mode: 0o777 });
    writeFileSync(join(docker.folder, 'in/0.txt'), 'content\n');
    const told = await docker.told('mounts', script, {
      mounts: [
        { kind: 'bind', source: join(docker.folder, 'in'), target: '/in', readOnly: true },
        { kind: 'bind', source: join(docker.folder, 'out'), target: '/out', readOnly: false },
        { kind: 'tmpfs', target: '/scratch', readOnly: false, sizeMiB: 2 },
      ],
    });
    expect(told).toBe(`content\ntouch: /in/new: Read-only file system\nwritten\n${2 * 1024 * 1024}\n`);
    expect(existsSync(join(docker.folder, 'out/new'))).toBe(true);
  });

  test('a fork bomb is held by the limit of processes', async () => {
    const script = 'i=0; while [ $i -lt 60 ]; do sleep 30 & i=$((i+1)); done; echo survived';
    const { exitCode } = await docker.run(docker.shell('bomb', script, { pids: 10 }));
    expect(exitCode).not.toBe(0);
    expect(await docker.output('bomb')).toContain("can't fork");
  });

  test('what the engine cannot enforce is refused', async () => {
    const remapped = docker.spec('remapped', ['true'], { security: { ...OPEN, userNamespace: true } });
    await expect(docker.backend.create(remapped, never)).rejects.toThrow(UnavailableError);
    const features = await docker.backend.probe();
    if (features['disk-limit']?.level === 'unavailable') {
      const limited = docker.spec('disk', ['true'], { diskBytes: 1e9 });
      await expect(docker.backend.create(limited, never)).rejects.toThrow(UnavailableError);
    }
    const folder = docker.backend.pull({ kind: 'folder', path: '/tmp' }, never);
    await expect(folder).rejects.toThrow(UnavailableError);
  });
});

describe('remapped engine', () => {
  const security = { ...OPEN, userNamespace: true };
  const docker = withDocker('dockerRemapped', { security });
  const outside = (pid: number): string[] =>
    readFileSync(`/proc/${pid}/status`, 'utf8')
      .match(/^Uid:.*$/m)![0]
      .split('\t')
      .slice(1);

  test('user 0 inside is not 0 outside, from the gate on, also read-only and as another user', async () => {
    expect((await docker.backend.probe())['user-namespace']).toMatchObject({ level: 'enforced' });
    const zero = await docker.backend.create(docker.shell('zero', 'id -u; sleep 100; true'), never);
    const uid = Number(outside(zero.pid)[0]);
    expect(uid).toBeGreaterThan(65_535);
    await docker.backend.start('zero', never);
    await docker.untilTold('zero', '0\n');
    expect(outside(zero.pid)).toEqual(Array(4).fill(String(uid)));

    const changes = {
      user: '7:8',
      security: { ...security, readOnlyRoot: true, seccomp: 'strict' as const },
    };
    const seven = await docker.backend.create(
      docker.shell('seven', 'id -u; sleep 100; true', changes),
      never,
    );
    await docker.backend.start('seven', never);
    await docker.untilTold('seven', '7\n');
    expect(outside(seven.pid)).toEqual(Array(4).fill(String(uid + 7)));
    // What the agent offers to the gate is read through the remapped users, and tells what cannot be executed.
    await docker.backend.create(docker.spec('missing', ['nosuchprogram']), never);
    await expect(docker.backend.start('missing', never)).rejects.toThrow(InvalidContainerError);
  });

  test('a task may turn it off', async () => {
    const live = await docker.backend.create(docker.spec('off', ['sleep', '9'], { security: OPEN }), never);
    expect(outside(live.pid)[0]).toBe('0');
  });
});
