/** Health checks against the real kernel, registry and engine. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, inject, test } from 'vitest';
import { clockCheck } from '../src/health/clock-check.ts';
import { HealthMonitor } from '../src/health/health-monitor.ts';
import { KernelLog } from '../src/health/kernel-log.ts';
import { kernelLogCheck } from '../src/health/kernel-log-check.ts';
import { diskCheck, memoryCheck } from '../src/health/resource-checks.ts';
import { engineCheck, registryCheck } from '../src/health/service-checks.ts';
import { readContainerUsage } from '../src/metrics/container-usage.ts';
import { ended, OwnCgroup } from './host-own-cgroup.ts';

let own: OwnCgroup | undefined;
afterEach(async () => {
  await own?.remove();
  own = undefined;
});

test('a container over its memory is in the kernel log, and no trouble of the host', async () => {
  own = await OwnCgroup.make('health');
  const log = new KernelLog();
  const checked = new KernelLog();
  try {
    log.read();
    const limit = own.paths.version === 1 ? 'memory.limit_in_bytes' : 'memory.max';
    await own.set('memory', limit, String(8 * 2 ** 20));
    const child = own.spawn(process.execPath, ['-e', 'Buffer.alloc(64 * 2 ** 20, 1)']);
    await ended(child);
    expect(child.signalCode).toBe('SIGKILL');
    const { outOfMemoryKills } = await readContainerUsage({ pid: child.pid!, cgroups: own.paths });
    expect(outOfMemoryKills).toBe(1);
    const lines = log
      .read()
      .filter(({ text }) => text.startsWith('Memory cgroup out of memory: Killed process'));
    expect(lines.some(({ text }) => text.includes(`process ${child.pid} `))).toBe(true);
    for (const { timestampMicros } of lines) {
      const agoMs = Number(process.hrtime.bigint()) / 1e6 - timestampMicros / 1_000;
      expect(Math.abs(agoMs)).toBeLessThan(60_000);
    }
    // Programs can write into the log, but not in the kernel's name.
    writeFileSync('/dev/kmsg', '<0>Out of memory: Killed process 1 (stw-forged)\n');
    expect(log.read().filter(({ text }) => text.includes('stw-forged'))).toEqual([]);
    const recent = kernelLogCheck({
      log: checked,
      troubles: [
        {
          pattern: /^(Out of memory|Memory cgroup out of memory): .*(stw-forged|process \d+)/,
          meaning: 'seen',
        },
      ],
    });
    await expect(recent.run(new AbortController().signal)).rejects.toThrow('seen: Memory cgroup');
  } finally {
    log.close();
    checked.close();
  }
});

test('a container does not fence the host by the name of a program that crashes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stw-health-'));
  const log = new KernelLog();
  const checked = new KernelLog();
  try {
    log.read();
    checked.read();
    const program = join(folder, 'EXT4-fs error');
    await copyFile('/usr/bin/perl', program);
    const child = spawn(program, ['-e', 'print unpack("p", pack("Q", 8))'], { stdio: 'ignore' });
    await ended(child);
    expect(child.signalCode).toBe('SIGSEGV');
    expect(log.read().map(({ text }) => text)).toContainEqual(
      expect.stringMatching(new RegExp(`^EXT4-fs error\\[${child.pid}\\]: segfault`)),
    );
    await kernelLogCheck({ log: checked }).run(new AbortController().signal);
  } finally {
    log.close();
    checked.close();
    await rm(folder, { recursive: true });
  }
});

test('a real host, registry and engine are healthy; an engine that is not there fences', async () => {
  const { docker, registry } = inject('linux');
  const ping = (socketPath: string) => (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      request({ socketPath, path: '/_ping', signal }, (response) => {
        response.resume().once('end', () => resolve());
      })
        .once('error', reject)
        .end();
    });
  const checks = [
    registryCheck({ url: `http://${registry}` }),
    engineCheck(ping(docker)),
    diskCheck({ folders: ['/tmp'], minFreeMiB: 1, minFreeInodes: 1 }),
    memoryCheck({ minAvailableMiB: 1, maxStalledPercent: 100 }),
    clockCheck(),
  ];
  const good = new HealthMonitor({ checks: checks.map((check) => ({ check })) });
  await good.start();
  good.close();
  expect(good.report()).toMatchObject({ state: 'healthy', reasons: [] });
  const bad = new HealthMonitor({ checks: [{ check: engineCheck(ping(`${docker}-none`)) }] });
  await bad.start();
  bad.close();
  expect(bad.report()).toMatchObject({ state: 'fenced', reasons: [{ check: 'engine', fences: true }] });
});
