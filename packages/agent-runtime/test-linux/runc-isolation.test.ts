/** What keeps containers of the runc backend apart from the host and from each other, on the real kernel. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { InvalidContainerError, UnavailableError } from '../src/contract/container-backend.ts';
import { runCommand } from '../src/host/run-command.ts';
import { DEFAULT_CAPABILITIES, never, RuncHarness } from './runc-harness.ts';

let h: RuncHarness;

beforeAll(async () => {
  h = await RuncHarness.begin('isolation', inject('linux'));
});

afterEach(async () => h.removeAll());

afterAll(async () => h.end());

test('users: 0 inside is another one outside, and another one in each container', async () => {
  const script = 'id -u; touch /made; stat -c %u /bin/busybox; sleep 100';
  const lives = [await h.launch(h.spec('a', script)), await h.launch(h.spec('b', script))];
  const uids = lives.map(({ pid }) =>
    Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]),
  );
  expect(uids[0]).toBeGreaterThan(65_536);
  expect(Math.abs(uids[0] - uids[1])).toBeGreaterThanOrEqual(65_536);
  await h.outputOfLength('b', 4);
  expect(await h.outputOfLength('a', 4)).toBe('0\n0\n');
  const made = join(h.state, 'containers/a/disk/upper/made');
  expect(statSync(made).uid).toBe(uids[0]);
  const imageRoot = join(h.state, 'images', h.image.id, 'rootfs');
  expect(existsSync(join(imageRoot, 'made'))).toBe(false);
  expect(statSync(join(imageRoot, 'bin/busybox')).uid).toBe(0);
});

test('user and groups come from the image', async () => {
  const { output } = await h.run(
    h.spec('user', 'id -u; id -g; echo $HOME; pwd', { user: 'app', workingDirectory: '/new/dir' }),
  );
  expect(output).toBe('1000\n1000\n/home/app\n/new/dir\n');
  await expect(h.backend.create(h.spec('user2', '', { user: 'nobody-knows' }), never)).rejects.toThrow(
    /no user/,
  );
});

test('a read-only root, and a tmpfs in it', async () => {
  const mounts = [{ kind: 'tmpfs', target: '/tmp', readOnly: false, sizeMiB: 1 }] as const;
  const script =
    'touch /x 2>&1; touch /tmp/x && echo tmp; dd if=/dev/zero of=/tmp/y bs=2M count=1 2>/dev/null || echo full';
  const { output } = await h.run(h.spec('ro', script, { mounts, security: { readOnlyRoot: true } }));
  expect(output).toBe('touch: /x: Read-only file system\ntmp\nfull\n');
});

test('a set-user-id program gives nothing with no-new-privileges, and works without', async () => {
  // A static program that writes a file, in a folder where only user 0 may.
  const mounts = [{ kind: 'bind', source: '/sbin/ldconfig', target: '/ldconfig', readOnly: true }] as const;
  const capabilities = [...DEFAULT_CAPABILITIES, 'CAP_FSETID'];
  const script = `mkdir -m 755 /only; cp /ldconfig /su; chown 0:0 /su; chmod 4755 /su
      su app -c "id -u; /su -X -f /dev/null -C /only/cache 2>&1"; ls /only`;
  const open = await h.run(
    h.spec('nnp0', script, { mounts, security: { noNewPrivileges: false, capabilities } }),
  );
  expect(open.output).toBe('1000\ncache\n');
  const closed = await h.run(h.spec('nnp1', script, { mounts, security: { capabilities } }));
  expect(closed.output).toMatch(/^1000\n.*Permission denied\n$/);
});

test('seccomp and capabilities', async () => {
  const script =
    'grep -E "^(Seccomp|CapEff|CapBnd):" /proc/self/status; unshare -m true 2>&1; mount -t tmpfs x /tmp 2>&1';
  const filtered = await h.run(h.spec('seccomp', script, { security: { capabilities: ['CAP_SYS_ADMIN'] } }));
  expect(filtered.output).toMatch(/Seccomp:\t2/);
  expect(filtered.output).toMatch(/CapEff:\t0000000000200000\n/);
  expect(filtered.output).toMatch(/CapBnd:\t0000000000200000\n/);
  expect(filtered.output).toMatch(/unshare.*Operation not permitted/);
  expect(filtered.output).toMatch(/mount.*permission denied|mount.*Operation not permitted/i);
  const free = await h.run(
    h.spec('free', 'mount -t tmpfs x /tmp && echo mounted', {
      security: { capabilities: ['CAP_SYS_ADMIN'], seccomp: 'unconfined' },
    }),
  );
  expect(free.output).toBe('mounted\n');
  const strict = await h.run(
    h.spec('strict', 'chroot / true 2>&1; echo works', {
      security: { seccomp: 'strict', capabilities: ['CAP_SYS_CHROOT'] },
    }),
  );
  expect(strict.output).toMatch(/Operation not permitted\nworks\n/);
});

test('limits are in the cgroups and in the process', async () => {
  const live = await h.launch(
    h.spec('limits', 'ulimit -n; ulimit -Hn; sleep 100', {
      cpu: { shares: 2048, quotaMicros: 50_000, periodMicros: 100_000, cpus: [0] },
      limits: [{ name: 'nofile', soft: 100, hard: 200 }],
      pids: 9,
    }),
  );
  const { cpu, memory, cpuset, pids } = live.cgroups.controllers;
  const read = (path: string): string => readFileSync(path, 'utf8').trim();
  if (live.cgroups.version === 1) {
    expect(read(`${cpu}/cpu.shares`)).toBe('2048');
    expect(read(`${cpu}/cpu.cfs_quota_us`)).toBe('50000');
    expect(read(`${memory}/memory.limit_in_bytes`)).toBe(String(64 * 1024 * 1024));
    expect(read(`${memory}/memory.memsw.limit_in_bytes`)).toBe(String(64 * 1024 * 1024));
  }
  expect(read(`${cpuset}/cpuset.cpus`)).toBe('0');
  expect(read(`${pids}/pids.max`)).toBe('9');
  expect(read(`/proc/${live.pid}/oom_score_adj`)).toBe('500');
  expect(read(`/proc/${live.pid}/limits`)).toMatch(/Max open files\s+100\s+200/);
});

test('a limit above that of the agent is refused', async () => {
  const limits = [{ name: 'nofile', soft: 2 ** 40, hard: 2 ** 40 }] as const;
  await expect(h.launch(h.spec('nofile', 'true', { limits }))).rejects.toThrow(InvalidContainerError);
});

test('a fork bomb stays within its limit', async () => {
  const { output } = await h.run(
    h.spec('bomb', 'for i in $(seq 50); do sleep 1 & done 2>&1; wait', { pids: 8 }),
  );
  expect(output).toMatch(/Resource temporarily unavailable|can't fork/);
});

test('a limited disk is full when it is, and only then', async () => {
  const script =
    'dd if=/dev/zero of=/big bs=1M count=4 2>/dev/null && echo four; dd if=/dev/zero of=/big bs=1M count=40 2>&1 | grep -o "No space left"';
  const { output } = await h.run(h.spec('disk', script, { diskBytes: 16 * 1024 * 1024 }));
  expect(output).toBe('four\nNo space left\n');
});

test('without a user namespace, in the network of the host', async () => {
  const { output } = await h.run(
    h.spec('host', 'ls /sys/class/net', { network: 'host', security: { userNamespace: false } }),
  );
  expect(output.trim().split('\n').sort()).toEqual(readdirSync('/sys/class/net').sort());
});

test('a folder as image, which is not written to', async () => {
  const path = join(h.state, 'images', h.image.id, 'rootfs');
  const ofFolder = await h.backend.pull({ kind: 'folder', path }, never);
  const { output } = await h.run({ ...h.spec('folder', 'echo x > /x; cat /x'), image: ofFolder });
  expect(output).toBe('x\n');
  expect(existsSync(join(path, 'x'))).toBe(false);
  await expect(h.backend.pull({ kind: 'folder', path: '/nowhere' }, never)).rejects.toThrow(
    InvalidContainerError,
  );
  const way = join(h.folder, 'way-out');
  symlinkSync('/etc', way);
  for (const outside of ['/', '/etc', way, join(h.folder, '..')])
    await expect(h.backend.pull({ kind: 'folder', path: outside }, never)).rejects.toThrow(UnavailableError);
});

test('what the container sees of itself', async () => {
  const { output } = await h.run(
    h.spec(
      'self',
      'hostname; cat /etc/hostname; ls /sys/class/net; ls /dev; mknod /dev/sda b 8 0 2>&1; cat /proc/kcore | wc -c',
    ),
  );
  expect(output).toMatch(/^self\nself\nlo\n/);
  expect(output).not.toMatch(/\bvda\b|\bloop0\b/);
});

test.each([true, false])(
  "in the host's network, with user namespace %s, nothing of the host's /sys can be written, cgroups neither",
  async (userNamespace) => {
    const name = `stw-sys-${process.pid}-${userNamespace}`;
    // A tmpfs around the cgroups may be the container's own: whether it is shows on the host.
    const script = `for d in $(grep ' /sys' /proc/self/mounts | cut -d ' ' -f 2); do
      mkdir $d/${name} 2>/dev/null && [ $d != /sys/fs/cgroup ] && echo $d && rmdir $d/${name}; done
      grep ' /sys' /proc/self/mounts | grep -v ^tmpfs | grep -v ' ro[, ]'; echo done`;
    const security = { userNamespace };
    const { output } = await h.run(h.spec('sys', script, { network: 'host', security }));
    expect(output).toBe('done\n');
    expect(existsSync(`/sys/fs/cgroup/${name}`)).toBe(false);
  },
);

test.each([true, false])(
  'what is mounted below a read-only mount is read-only too, with user namespace %s',
  async (userNamespace) => {
    const outer = join(h.folder, `outer-${userNamespace}`);
    const inner = join(outer, 'inner');
    mkdirSync(inner, { recursive: true });
    await runCommand('mount', ['-t', 'tmpfs', '-o', 'mode=777', 'stowage-test', inner]);
    try {
      const mounts = [{ kind: 'bind', source: outer, target: '/mnt', readOnly: true }] as const;
      const script = 'ls -d /mnt/inner; touch /mnt/x || touch /mnt/inner/x || echo closed';
      const { output } = await h.run(h.spec('below', script, { mounts, security: { userNamespace } }));
      expect(output).toContain('closed');
      expect(existsSync(join(inner, 'x'))).toBe(false);
    } finally {
      await h.backend.remove('below');
      await runCommand('umount', [inner]);
    }
  },
);
