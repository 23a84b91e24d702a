/**
 * A workload as lines of tab-separated numbers: one file is handed to all rivals, and a Java program needs no
 * library to read it. `Workload.java` in fenzo/ reads the same lines.
 */
import type { Amounts, Resident, Workload, WorkloadTask } from './workload.ts';

export function writeWorkload({ fitness, zones, agents, agentTotals, residents, tasks }: Workload): string {
  const lines = [
    ['policy', fitness, zones],
    ['agents', agents, ...columns(agentTotals)],
    ...residents.map(({ row, amounts }) => ['resident', ...columns(amounts), row]),
    ...tasks.map(({ amounts, zone, job }) => ['task', ...columns(amounts), zone, job]),
  ];
  return lines.map((line) => `${line.join('\t')}\n`).join('');
}

/** @throws Error for a line that `writeWorkload` does not write */
export function readWorkload(text: string): Workload {
  let head: Pick<Workload, 'fitness' | 'zones'> | undefined;
  let cluster: Pick<Workload, 'agents' | 'agentTotals'> | undefined;
  const residents: Resident[] = [];
  const tasks: WorkloadTask[] = [];
  for (const line of text.trimEnd().split('\n')) {
    const [kind, ...fields] = line.split('\t');
    const numbers = fields.map(Number);
    if (kind === 'policy') {
      head = { fitness: fields[0] as Workload['fitness'], zones: fields[1] as Workload['zones'] };
    } else if (kind === 'agents') {
      cluster = { agents: numbers[0], agentTotals: amountsOf(numbers.slice(1)) };
    } else if (kind === 'resident') {
      residents.push({ amounts: amountsOf(numbers), row: numbers[4] });
    } else if (kind === 'task') {
      tasks.push({ amounts: amountsOf(numbers), zone: numbers[4], job: numbers[5] });
    } else {
      throw new Error(`The workload has the line "${line}".`);
    }
  }
  if (head === undefined || cluster === undefined) throw new Error('The workload lacks policy or agents.');
  return { ...head, ...cluster, residents, tasks };
}

function columns({ cpuMilli, memoryMiB, networkMbps, diskMiB }: Amounts): number[] {
  return [cpuMilli, memoryMiB, networkMbps, diskMiB];
}

function amountsOf([cpuMilli, memoryMiB, networkMbps, diskMiB]: readonly number[]): Amounts {
  return { cpuMilli, memoryMiB, networkMbps, diskMiB };
}
