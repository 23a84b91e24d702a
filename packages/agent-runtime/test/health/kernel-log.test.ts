import { describe, expect, it } from 'vitest';
import { KernelLog, type KernelLogFiles } from '../../src/health/kernel-log.ts';
import { KERNEL_TROUBLES, kernelLogCheck } from '../../src/health/kernel-log-check.ts';
import { FakeClock } from '../host/fake-clock.ts';

/** A device like `/dev/kmsg`: a record a read; strings that begin with E are errors. */
class FakeDevice implements KernelLogFiles {
  queue: string[] = [];
  closed = false;

  open = (path: string): number => {
    expect(path).toBe('/dev/kmsg');
    return 7;
  };

  read = (fd: number, buffer: Uint8Array): number => {
    expect(fd).toBe(7);
    const next = this.queue.shift() ?? 'EAGAIN';
    if (next.startsWith('E')) throw Object.assign(new Error(next), { code: next });
    return buffer.length < next.length ? 0 : Buffer.from(buffer.buffer, buffer.byteOffset).write(next);
  };

  close = (): void => {
    this.closed = true;
  };
}

const record = (text: string, micros = 0, priority = 4): string =>
  `${priority},1,${micros},-;${text}\n SUBSYSTEM=x\n`;

describe('KernelLog', () => {
  it('reads each record once, also over a gap', () => {
    const device = new FakeDevice();
    const log = new KernelLog('/dev/kmsg', device);
    device.queue = [
      record('one', 5),
      'EPIPE',
      record('two; with semicolon', 6, 3),
      'EINTR',
      record('three', 7),
    ];
    expect(log.read()).toEqual([
      { severity: 4, timestampMicros: 5, text: 'one' },
      { severity: 3, timestampMicros: 6, text: 'two; with semicolon' },
      { severity: 4, timestampMicros: 7, text: 'three' },
    ]);
    expect(log.read()).toEqual([]);
    log.close();
    expect(device.closed).toBe(true);
  });

  it('leaves out what programs wrote and what is no record', () => {
    const device = new FakeDevice();
    const log = new KernelLog('/dev/kmsg', device);
    device.queue = [record('forged', 1, 12), 'nonsense', '6,2,3,c,caller=T1;kernel\n'];
    expect(log.read().map(({ text }) => text)).toEqual(['kernel']);
  });

  it('passes on that the log cannot be read', () => {
    const device = new FakeDevice();
    const log = new KernelLog('/dev/kmsg', device);
    device.queue = ['EIO'];
    expect(() => log.read()).toThrow('EIO');
    expect(() => new KernelLog('/nonexistent/kmsg')).toThrow('ENOENT');
  });
});

describe('KERNEL_TROUBLES', () => {
  const meaning = (text: string): string | undefined =>
    KERNEL_TROUBLES.find(({ pattern }) => pattern.test(text))?.meaning;

  it.each([
    ['INFO: task jbd2/sda1-8:301 blocked for more than 120 seconds.', 'a process hangs in the kernel'],
    ['watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [kworker/1:0:17]', 'a CPU hangs in the kernel'],
    ['rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:', 'a CPU stalls'],
    ['rcu: INFO: rcu_sched self-detected stall on CPU', 'a CPU stalls'],
    ['BUG: unable to handle page fault for address: ffff8880', 'the kernel had a fault'],
    ['Out of memory: Killed process 123 (java) total-vm:1kB', 'the host ran out of memory'],
    ['Out of memory: Kill process 123 (java) score 1 or sacrifice child', 'the host ran out of memory'],
    ['blk_update_request: I/O error, dev sda, sector 5', 'a disk fails to read or write'],
    ['Buffer I/O error on dev nvme0n1, logical block 0', 'a disk fails to read or write'],
    ['EXT4-fs error (device sda1): ext4_lookup:1: inode #2', 'a file system has errors'],
    ['XFS (sda1): Metadata corruption detected at xfs', 'a file system has errors'],
    ['BTRFS error (device sdb): bad tree block', 'a file system has errors'],
    ['EXT4-fs (sda1): Remounting filesystem read-only', 'a file system became read-only'],
    [
      'I/O error, dev nvme0n1, sector 0 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2',
      'a disk fails to read or write',
    ],
    ['critical medium error, dev sdb, sector 0 op 0x1:(WRITE)', 'a disk fails to read or write'],
    ['BUG: kernel NULL pointer dereference, address: 0000000000000008', 'the kernel had a fault'],
    ['Oops: 0002 [#1] PREEMPT SMP NOPTI', 'the kernel had a fault'],
    ['Oops: Oops: 0000 [#2] SMP PTI', 'the kernel had a fault'],
    [
      'Oops: general protection fault, probably for non-canonical address 0xdead: 0000 [#1] SMP',
      'the kernel had a fault',
    ],
    ['XFS (dm-0): Corruption of in-memory data (0x8) detected at xfs_trans', 'a file system has errors'],
    ['mce: [Hardware Error]: CPU 1: Machine Check Exception: 5 Bank 4', 'the hardware reports an error'],
    ['[Hardware Error]: Uncorrected, software restartable error.', 'the hardware reports an error'],
  ])('knows %s', (text, expected) => {
    expect(meaning(text)).toBe(expected);
  });

  it.each([
    'Memory cgroup out of memory: Killed process 5 (stress)',
    'I/O error, dev loop3, sector 0',
    'I/O error, dev fd0, sector 0',
    'EXT4-fs (sda1): mounted filesystem with ordered data mode',
    'EXT4-fs (sda1): re-mounted. Opts: errors=remount-ro',
    'device veth1 entered promiscuous mode',
    'BTRFS info (device loop0): disk space caching is enabled',
    'my-app: Out of memory: Killed process',
    'EXT4-fs error (device loop3): ext4_lookup:1: inode #2',
    'EXT4-fs (loop3): Remounting filesystem read-only',
    // Corrected by the hardware.
    'mce: [Hardware Error]: Machine check events logged',
    '[Hardware Error]: Corrected error, no action required.',
  ])('leaves alone %s', (text) => {
    expect(meaning(text)).toBeUndefined();
  });
});

/** Lines of the kernel in which a container's own names stand: at most 15 characters first, or a file's at the end. */
const crash = (program: string, file: string): readonly string[] => [
  `${program.slice(0, 15)}[7]: segfault at 0 ip 0000000000401000 sp 00007ffd00000000 error 4 in ${file}[401000+1000]`,
  `traps: ${program.slice(0, 15)}[7] general protection fault ip:401000 sp:7ffd00000000 error:0 in ${file}[401000+1000]`,
  `${program.slice(0, 15)} invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0`,
];

describe('KERNEL_TROUBLES and names that containers choose', () => {
  const TEXTS = [
    'INFO: task x:1 blocked for more than 9 seconds',
    'BUG: soft lockup - CPU#1 stuck',
    'Oops: 0000 [#1] SMP',
    'Oops: x: 0000 [#1] SMP',
    'Out of memory: Killed process 1',
    'I/O error, dev sda, sector 1',
    'x: I/O error, dev sda, sector 1',
    'Buffer I/O error on dev sda',
    'EXT4-fs error (device sda): x',
    'XFS (a): Corruption',
    'BTRFS error (device sda): x',
    'EXT4-fs (a): Remounting filesystem read-only',
    'mce: [Hardware Error]: CPU 1: Machine Check Exception',
  ];

  it.each(TEXTS)('nobody forges %s', (text) => {
    expect(KERNEL_TROUBLES.filter(({ pattern }) => pattern.test(text))).toHaveLength(1);
    for (let cut = 0; cut <= text.length; cut++) {
      for (const line of crash(text.slice(0, cut), text.slice(cut)))
        expect(KERNEL_TROUBLES.filter(({ pattern }) => pattern.test(line))).toEqual([]);
      for (const line of crash(text, text.slice(cut)))
        expect(KERNEL_TROUBLES.filter(({ pattern }) => pattern.test(line))).toEqual([]);
    }
  });
});

describe('kernelLogCheck', () => {
  it('does not need the clock of the log to go right', async () => {
    const clock = new FakeClock();
    const device = new FakeDevice();
    const check = kernelLogCheck({ log: new KernelLog('/dev/kmsg', device), holdMs: 60_000, clock });
    const { signal } = new AbortController();
    await clock.advance(10_000_000);
    await check.run(signal);
    // An hour behind.
    device.queue = [record('Out of memory: Killed process 1 (a)', 6_400_000_000)];
    await expect(check.run(signal)).rejects.toThrow('memory');
    await clock.advance(59_999);
    await expect(check.run(signal)).rejects.toThrow('memory');
    await clock.advance(1);
    await check.run(signal);
  });

  it('counts a finding for some minutes after it was logged', async () => {
    const clock = new FakeClock();
    await clock.advance(1_000_000);
    const device = new FakeDevice();
    const { signal } = new AbortController();
    const check = kernelLogCheck({ log: new KernelLog('/dev/kmsg', device), holdMs: 60_000, clock });
    const atMs = (ms: number): number => ms * 1_000;
    // Long before the agent, shortly before it, and something harmless.
    device.queue = [
      record('EXT4-fs error (device sda1): old', atMs(900_000)),
      record('Out of memory: Killed process 1 (a)', atMs(950_000)),
      record('all is well', atMs(999_000)),
    ];
    await expect(check.run(signal)).rejects.toThrow(
      /^the host ran out of memory: Out of memory: Killed process 1 \(a\)$/,
    );
    await clock.advance(9_999);
    await expect(check.run(signal)).rejects.toThrow('memory');
    device.queue = [record('Out of memory: Killed process 2 (b)', atMs(1_009_999))];
    await clock.advance(1);
    await expect(check.run(signal)).rejects.toThrow('process 2');
    await clock.advance(60_000);
    await check.run(signal);
  });

  it('takes patterns with a state, too', async () => {
    const clock = new FakeClock();
    const device = new FakeDevice();
    const check = kernelLogCheck({
      log: new KernelLog('/dev/kmsg', device),
      troubles: [{ pattern: /fan/g, meaning: 'fan' }],
      holdMs: 1,
      clock,
    });
    for (let round = 0; round < 3; round++) {
      device.queue = [record('fan broken', clock.monotonicMs() * 1_000)];
      await expect(check.run(new AbortController().signal)).rejects.toThrow('fan');
      await clock.advance(10);
    }
  });
});
