/**
 * In which order cpusets are written. First everybody gives up what is to leave, as far as something remains; then
 * nobody gets a CPU before the one who leaves it has left. Only a ring of workloads that all move onto each other's
 * CPUs cannot be ordered so; it is opened at the place with the fewest CPUs in common.
 */
import { sameCpus } from './cpu-list.ts';

export interface CpusetChange {
  readonly id: string;
  /** What it may use now; ascending, like `to`. */
  readonly from: readonly number[];
  readonly to: readonly number[];
}

export interface CpusetWrite {
  readonly id: string;
  readonly cpus: readonly number[];
}

export function orderedWrites(changes: readonly CpusetChange[]): CpusetWrite[] {
  const writes: CpusetWrite[] = [];
  const write = (id: string, cpus: readonly number[]): void => void writes.push({ id, cpus });
  let pending: CpusetChange[] = [];
  for (const { id, from, to } of changes) {
    const rest = from.filter((cpu) => to.includes(cpu));
    const shrinks = rest.length > 0 && rest.length < from.length;
    if (shrinks) write(id, rest);
    const held = shrinks ? rest : from;
    if (!sameCpus(held, to)) pending.push({ id, from: held, to });
  }
  while (pending.length > 0) {
    const others = pending;
    /** CPUs that it would share with those that have still to leave them. */
    const contested = ({ id, to }: CpusetChange): number => {
      const leaving = others.flatMap((other) =>
        other.id === id ? [] : other.from.filter((cpu) => !other.to.includes(cpu)),
      );
      return to.filter((cpu) => leaving.includes(cpu)).length;
    };
    const next = others.reduce((best, change) => (contested(change) < contested(best) ? change : best));
    write(next.id, next.to);
    pending = others.filter((change) => change !== next);
  }
  return writes;
}
