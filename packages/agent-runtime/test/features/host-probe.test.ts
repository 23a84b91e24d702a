import { describe, expect, it } from 'vitest';
import { probeHost } from '../../src/features/host-probe.ts';
import type { runCommand } from '../../src/host/run-command.ts';
import { withFolder, writeFiles } from '../host/temporary-folder.ts';

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max open files            1024                 20000                files
Max locked memory         8388608              8388608              bytes
`;
const PROC = {
  'self/mountinfo': '',
  filesystems: 'nodev\tcgroup2\n',
  'sys/kernel/osrelease': '5.18.3-test\n',
  'sys/fs/nr_open': '1048576\n',
  'sys/kernel/seccomp/actions_avail': 'kill allow\n',
  'self/status': 'Name:\tx\nCapEff:\t0000000000201000\n',
  'self/limits': LIMITS,
};

/** Says versions, and fails at what is in `broken`. */
const runner =
  (calls: string[], broken: readonly string[] = []): typeof runCommand =>
  async (program, args) => {
    const command = [program, ...args].join(' ');
    calls.push(command);
    if (broken.some((part) => command.includes(part))) throw new Error(`${command} failed: broken`);
    return program === 'nft'
      ? { stdout: 'nftables v1.0.6 (Lester Gooch #5)\n', stderr: '' }
      : { stdout: '', stderr: `${program} version 1.2.3, build 7\nmore\n` };
  };

describe('probeHost', () => {
  it('collects facts without a change to the host', () =>
    withFolder({}, async (root) => {
      await writeFiles(
        root,
        Object.fromEntries(Object.entries(PROC).map(([path, text]) => [`proc/${path}`, text])),
      );
      await writeFiles(root, { 'sys/kernel/security/lsm': 'capability,apparmor\n' });
      const calls: string[] = [];
      const facts = await probeHost({
        procRoot: `${root}/proc`,
        sysRoot: `${root}/sys`,
        run: runner(calls, [' ifb', 'skopeo']),
      });
      expect(facts.capabilities).toEqual(['CAP_NET_ADMIN', 'CAP_SYS_ADMIN']);
      expect(facts.hardLimits).toMatchObject({
        nofile: 20_000,
        memlock: 8_388_608,
        cpu: Infinity,
        stack: Infinity,
      });
      expect(facts.securityModules).toEqual(['capability', 'apparmor']);
      expect(facts.idmappedMounts).toBe(false);
      expect(facts.seccomp).toBe(true);
      expect(facts.programs).toMatchObject({ nft: '1.0.6', runc: '1.2.3', skopeo: undefined });
      expect(facts.kernel.ifb).toContain('broken');
      expect(facts.kernel.htb).toBeUndefined();
      expect(facts.controllers.memory).toContain('the kernel knows version 2');
      const changing = calls.filter((call) => call.includes(' add '));
      expect(changing.length).toBeGreaterThan(0);
      for (const call of changing) expect(call).toMatch(/^unshare --net /);
    }));

  it('gives what CAP_SYS_RESOURCE allows', () =>
    withFolder({ ...PROC, 'self/status': 'CapEff:\t000001ffffffffff\n' }, async (procRoot) => {
      const facts = await probeHost({ procRoot, sysRoot: procRoot, run: runner([]) });
      expect(facts.hardLimits).toMatchObject({ nofile: 1_048_576, memlock: Infinity });
      expect(facts.capabilities).toHaveLength(41);
    }));

  it('tells a controller that is not mounted from one that cannot be written', () =>
    withFolder(PROC, async (procRoot) => {
      const mount = (at: string, controller: string): string =>
        `33 32 0:29 / ${at} rw - cgroup cgroup rw,${controller}\n`;
      await writeFiles(procRoot, {
        'self/mountinfo': mount(procRoot, 'cpu') + mount(`${procRoot}/gone`, 'memory'),
      });
      const { controllers } = await probeHost({ procRoot, sysRoot: procRoot, run: runner([]) });
      expect(controllers.cpu).toBeUndefined();
      expect(controllers.memory).toContain('/gone cannot be written to');
      expect(controllers.pids).toContain('pids is not mounted (layout v1)');
    }));

  it('takes what it cannot find out for missing', () =>
    withFolder({ 'module/apparmor/parameters/enabled': 'Y\n' }, async (root) => {
      const facts = await probeHost({ procRoot: `${root}/none`, sysRoot: root, run: runner([], ['']) });
      expect(facts.cgroups.mode).toBe('none');
      expect(facts.capabilities).toEqual([]);
      expect(facts.seccomp).toBe(false);
      expect(facts.securityModules).toEqual(['apparmor']);
      expect(Object.values(facts.kernel).every((reason) => reason?.includes('broken'))).toBe(true);
      expect(Object.values(facts.programs).every((version) => version === undefined)).toBe(true);
    }));
});
