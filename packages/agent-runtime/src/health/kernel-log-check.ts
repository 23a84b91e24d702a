/**
 * Finds in the kernel's log what tells of a host that will fail tasks: processes that hang in the kernel, memory that
 * ran out for the whole host, disks and file systems with errors. A finding counts for some minutes after it was
 * logged, for such trouble is seldom over with one line. A container that met its own limit is no trouble of the host.
 */
import { type Clock, SYSTEM_CLOCK } from '../host/clock.ts';
import type { HealthCheck } from './health-check.ts';
import type { KernelLog } from './kernel-log.ts';

/** @public */
export interface KernelTrouble {
  readonly pattern: RegExp;
  /** For people, as `a process hangs in the kernel`. */
  readonly meaning: string;
}

/**
 * Texts of Linux 4 to 6. Some lines of the kernel begin with the name of a program, at most 15 characters, or end with
 * that of a file (`name[7]: segfault at … in file[…]`), which containers choose. So each pattern is bound to the start
 * and needs more than 15 characters in a row that are the kernel's own. Errors that hardware has corrected by itself,
 * and those of loop devices, as of images with the disks of containers, are none of the host.
 * @public
 */
export const KERNEL_TROUBLES: readonly KernelTrouble[] = [
  {
    pattern: /^INFO: task .{1,15}:\d+ blocked for more than \d+ seconds/,
    meaning: 'a process hangs in the kernel',
  },
  { pattern: /^(watchdog: )?BUG: soft lockup - CPU/, meaning: 'a CPU hangs in the kernel' },
  { pattern: /^rcu: INFO: rcu_\w+ (self-)?detected (expedited )?stalls?/, meaning: 'a CPU stalls' },
  {
    pattern:
      /^(BUG: unable to handle|BUG: kernel NULL pointer|Oops: (\w[\w ,-]*: )?[\da-f]{4} \[#\d+\] (SMP|PREEMPT)|general protection fault)/,
    meaning: 'the kernel had a fault',
  },
  { pattern: /^Out of memory: Kill(ed)? process/, meaning: 'the host ran out of memory' },
  {
    pattern:
      /^(\w+: )?(I\/O|critical medium) error, dev (?!loop|fd|sr)[\w!-]+, sector \d|^Buffer I\/O error on dev (?!loop|fd|sr)/,
    meaning: 'a disk fails to read or write',
  },
  {
    pattern:
      /^EXT4-fs error \(device (?!loop)|^XFS \((?!loop)\S+\): [^[]{0,40}[Cc]orruption|^BTRFS (error|critical) \(device (?!loop)/,
    meaning: 'a file system has errors',
  },
  {
    pattern: /^[\w-]+ \((?!loop)\S+\): [Rr]emounting filesystem read-only/,
    meaning: 'a file system became read-only',
  },
  {
    pattern: /^(mce: )?\[Hardware Error\]: (CPU \d+: Machine Check Exception|Uncorrected|Deferred)/,
    meaning: 'the hardware reports an error',
  },
];

/** @public */
export interface KernelLogCheckOptions {
  readonly log: KernelLog;
  /** Default `KERNEL_TROUBLES`. */
  readonly troubles?: readonly KernelTrouble[];
  /** How long a finding counts after it was logged. Default 300,000 ms. */
  readonly holdMs?: number;
  readonly clock?: Clock;
}

/**
 * Findings from before the first run count by when they were logged, later ones from the run that reads them: the clock
 * of the log drifts from all others, by minutes in a month.
 * @public
 */
export function kernelLogCheck(options: KernelLogCheckOptions): HealthCheck {
  const { log, troubles = KERNEL_TROUBLES, holdMs = 300_000, clock = SYSTEM_CLOCK } = options;
  /** By meaning, of the newest finding. */
  const found = new Map<string, { readonly text: string; readonly untilMs: number }>();
  let isFirst = true;
  return {
    name: 'kernel-log',
    // eslint-disable-next-line @typescript-eslint/require-await -- reading never waits
    run: async () => {
      const nowMs = clock.monotonicMs();
      for (const { text, timestampMicros } of log.read()) {
        // `search` does not depend on where an earlier one ended, whatever the flags of the pattern.
        const trouble = troubles.find(({ pattern }) => text.search(pattern) !== -1);
        const sinceMs = isFirst ? timestampMicros / 1_000 : nowMs;
        if (trouble !== undefined) found.set(trouble.meaning, { text, untilMs: sinceMs + holdMs });
      }
      isFirst = false;
      for (const [meaning, { untilMs }] of found) if (untilMs <= nowMs) found.delete(meaning);
      if (found.size > 0)
        throw new Error([...found].map(([meaning, { text }]) => `${meaning}: ${text}`).join('; '));
    },
  };
}
