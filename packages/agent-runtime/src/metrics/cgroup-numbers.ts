/**
 * The files of cgroups that hold numbers, as tables by version. All quantities are brought to seconds and bytes.
 */
import type { CgroupController } from '../host/cgroup.ts';
import type { ContainerUsage } from './usage-numbers.ts';

/** Reads one number, or several, out of the text of a file. */
export interface NumberSource {
  readonly controller: CgroupController;
  readonly file: string;
  readonly parse: (text: string) => ContainerUsage;
}

/** A limit of version 1 that stands for none is just below 2^63, rounded to pages. */
const UNLIMITED_BYTES = 2 ** 60;

/** `USER_HZ`: 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

export const NUMBERS_V1: readonly NumberSource[] = [
  {
    controller: 'cpuacct',
    file: 'cpuacct.stat',
    parse: (text) => {
      const field = fields(text);
      return {
        cpuUserSeconds: field('user') / TICKS_PER_SECOND,
        cpuSystemSeconds: field('system') / TICKS_PER_SECOND,
      };
    },
  },
  { controller: 'cpuacct', file: 'cpuacct.usage', parse: (text) => ({ cpuSeconds: single(text) / 1e9 }) },
  {
    controller: 'cpu',
    file: 'cpu.stat',
    parse: (text) => {
      const field = fields(text);
      return {
        cpuPeriods: field('nr_periods'),
        cpuThrottledPeriods: field('nr_throttled'),
        cpuThrottledSeconds: field('throttled_time') / 1e9,
      };
    },
  },
  { controller: 'memory', file: 'memory.usage_in_bytes', parse: (text) => ({ memoryBytes: single(text) }) },
  {
    controller: 'memory',
    file: 'memory.limit_in_bytes',
    parse: (text) => (single(text) < UNLIMITED_BYTES ? { memoryLimitBytes: single(text) } : {}),
  },
  {
    controller: 'memory',
    file: 'memory.max_usage_in_bytes',
    parse: (text) => ({ memoryPeakBytes: single(text) }),
  },
  {
    controller: 'memory',
    file: 'memory.stat',
    parse: (text) => {
      const field = fields(text);
      return { memoryAnonymousBytes: field('total_rss'), memoryFileBytes: field('total_cache') };
    },
  },
  {
    controller: 'memory',
    file: 'memory.oom_control',
    parse: (text) => ({ outOfMemoryKills: fields(text)('oom_kill') }),
  },
  ...processNumbers(),
  {
    controller: 'blkio',
    file: 'blkio.throttle.io_service_bytes_recursive',
    parse: (text) => {
      // Lines are `major:minor Operation bytes` and one `Total bytes`. No line: nothing was read or written yet.
      const sum = (operation: string): number =>
        total(text, new RegExp(`^\\d+:\\d+ ${operation} (\\d+)$`, 'gm'));
      return { blockReadBytes: sum('Read'), blockWriteBytes: sum('Write') };
    },
  },
];

export const NUMBERS_V2: readonly NumberSource[] = [
  {
    controller: 'cpuacct',
    file: 'cpu.stat',
    parse: (text) => {
      const field = fields(text);
      return {
        cpuSeconds: field('usage_usec') / 1e6,
        cpuUserSeconds: field('user_usec') / 1e6,
        cpuSystemSeconds: field('system_usec') / 1e6,
        cpuPeriods: field('nr_periods'),
        cpuThrottledPeriods: field('nr_throttled'),
        cpuThrottledSeconds: field('throttled_usec') / 1e6,
      };
    },
  },
  { controller: 'memory', file: 'memory.current', parse: (text) => ({ memoryBytes: single(text) }) },
  { controller: 'memory', file: 'memory.max', parse: (text) => ({ memoryLimitBytes: single(text) }) },
  { controller: 'memory', file: 'memory.peak', parse: (text) => ({ memoryPeakBytes: single(text) }) },
  {
    controller: 'memory',
    file: 'memory.stat',
    parse: (text) => {
      const field = fields(text);
      return { memoryAnonymousBytes: field('anon'), memoryFileBytes: field('file') };
    },
  },
  {
    controller: 'memory',
    file: 'memory.events',
    parse: (text) => ({ outOfMemoryKills: fields(text)('oom_kill') }),
  },
  ...processNumbers(),
  {
    controller: 'blkio',
    file: 'io.stat',
    parse: (text) => ({
      blockReadBytes: total(text, /\brbytes=(\d+)/g),
      blockWriteBytes: total(text, /\bwbytes=(\d+)/g),
    }),
  },
];

/** In the folder of version 2, also on hybrid hosts. */
export const PRESSURE_FILES: Readonly<Record<string, (text: string) => ContainerUsage>> = {
  'cpu.pressure': (text) => ({ cpuStalledSeconds: stalledSeconds(text) }),
  'memory.pressure': (text) => ({ memoryStalledSeconds: stalledSeconds(text) }),
  'io.pressure': (text) => ({ blockStalledSeconds: stalledSeconds(text) }),
};

/** The same in both versions; `max` in place of a limit is no number. */
function processNumbers(): readonly NumberSource[] {
  return [
    { controller: 'pids', file: 'pids.current', parse: (text) => ({ processes: single(text) }) },
    { controller: 'pids', file: 'pids.max', parse: (text) => ({ processesLimit: single(text) }) },
  ];
}

/** Reads lines of `name number`; NaN for a name that is not there. */
function fields(text: string): (name: string) => number {
  const entries = text.split('\n').map((line): [string, number] => {
    const [name, value] = line.split(' ');
    return [name, single(value ?? '')];
  });
  const byName = new Map(entries);
  return (name) => byName.get(name) ?? NaN;
}

function single(text: string): number {
  return /^\d+\s*$/.test(text) ? Number(text) : NaN;
}

function total(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce((sum, [, value]) => sum + Number(value), 0);
}

function stalledSeconds(text: string): number {
  return Number(/^some .*total=(\d+)/m.exec(text)?.[1] ?? NaN) / 1e6;
}
