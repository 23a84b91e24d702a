/**
 * Weight and quota of a task. Weights are a tenth of `cpuMilli`, about a tenth of the kernel's usual 1,024 a CPU, so
 * that containers together never outweigh what else runs on the host (Titus executor). The quota of a static task is
 * what it asks for in every period of 100 ms; the kernel takes no quota below 1 ms, so tiny tasks have a period of 1 s.
 */
import type { TaskSpec } from '@stowage/protocol';
import type { CpuLimits } from '../contract/container-spec.ts';

const LEAST_SHARES = 2;
const MOST_SHARES = 262_144;
const PERIOD_MICROS = 100_000;
const LONGEST_PERIOD_MICROS = 1_000_000;
const LEAST_QUOTA_MICROS = 1000;

/** @param cpus - that it may use; undefined = all */
export function cpuLimits(task: TaskSpec, cpus: readonly number[] | undefined): CpuLimits {
  const { cpuMilli } = task.resources;
  const shares = Math.min(MOST_SHARES, Math.max(LEAST_SHARES, Math.round(cpuMilli / 10)));
  const bound = cpus === undefined ? {} : { cpus };
  if (task.cpuMode !== 'static') return { shares, periodMicros: PERIOD_MICROS, ...bound };
  const quota = (periodMicros: number): number => (cpuMilli * periodMicros) / 1000;
  const periodMicros = quota(PERIOD_MICROS) >= LEAST_QUOTA_MICROS ? PERIOD_MICROS : LONGEST_PERIOD_MICROS;
  return { shares, quotaMicros: Math.round(quota(periodMicros)), periodMicros, ...bound };
}
