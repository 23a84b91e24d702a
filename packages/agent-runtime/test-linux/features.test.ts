/** What the probe says of this host, against what other programs say. */
import { userInfo } from 'node:os';
import { expect, test } from 'vitest';
import { hostFeatures } from '../src/features/host-facts.ts';
import { probeHost } from '../src/features/host-probe.ts';
import { runCommand } from '../src/host/run-command.ts';

const output = async (program: string, ...args: string[]): Promise<string> =>
  (await runCommand(program, args)).stdout.trim();

test('the facts agree with the host, and probing leaves nothing', async () => {
  const look = async (): Promise<readonly string[]> =>
    Promise.all([
      output('nft', 'list', 'tables'),
      output('tc', 'qdisc', 'show', 'dev', 'lo'),
      output('lsns', '-t', 'net', '-n', '-o', 'NS,COMMAND'),
    ]);
  const linksBefore = await output('ip', '-o', 'link', 'show', 'stw0').catch(() => 'none');
  const [, qdiscBefore] = await look();
  const facts = await probeHost();
  const [, qdiscAfter, namespaces] = await look();
  expect(qdiscAfter).toBe(qdiscBefore);
  expect(namespaces).not.toContain('unshare');
  expect(await output('ip', '-o', 'link', 'show', 'stw0').catch(() => 'none')).toBe(linksBefore);

  expect(facts.kernelRelease).toBe(await output('uname', '-r'));
  expect(facts.capabilities.length).toBeGreaterThan(0);
  expect(userInfo().uid).toBe(0);
  if (!facts.capabilities.includes('CAP_SYS_RESOURCE')) {
    const openFiles = await output('sh', '-c', 'ulimit -Hn');
    expect(facts.hardLimits.nofile).toBe(Number(openFiles));
    // Just above it the kernel says no.
    await expect(output('prlimit', `--nofile=${facts.hardLimits.nofile + 1}`, 'true')).rejects.toThrow();
  }
  await output('prlimit', `--nofile=${facts.hardLimits.nofile}`, 'true');
  for (const program of ['runc', 'skopeo', 'umoci', 'nft', 'ip', 'tc', 'unshare'] as const)
    expect(facts.programs[program]).toMatch(/^\d+\.\d+/);
  expect(await output('nft', '--version')).toContain(facts.programs.nft);
});

test('what the probe promises works, and what it denies does not', async () => {
  const facts = await probeHost();
  const features = hostFeatures(facts);
  const works = async (...args: string[]): Promise<boolean> =>
    runCommand('unshare', args).then(
      () => true,
      () => false,
    );
  const map = await works('--user', '--map-root-user', 'sh', '-c', 'grep -q "^ *0 " /proc/self/uid_map');
  expect(features['user-namespace']?.level).toBe(map ? 'enforced' : 'unavailable');
  const rule =
    'add table ip t; add chain ip t c { type filter hook input priority 0; }; add rule ip t c drop';
  expect(features['security-groups']?.level).toBe(
    (await works('--net', 'nft', rule)) ? 'enforced' : 'unavailable',
  );
  const link =
    'ip link add stwa type veth peer name stwb && tc qdisc add dev stwa root tbf rate 1mbit burst 10k latency 10ms';
  expect(features.bandwidth?.level).toBe(
    (await works('--net', 'sh', '-c', link)) ? 'enforced' : 'unavailable',
  );
  expect(features.apparmor?.level).toBe(
    facts.securityModules.includes('apparmor') ? 'enforced' : 'unavailable',
  );
});
