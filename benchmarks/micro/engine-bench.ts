/**
 * Times the single parts by tinybench. A part is shorter than the clock can tell, so one sample is many of them.
 */
import { Bench } from 'tinybench';
import type { MicroFigure } from '../figures.ts';
import { rounded } from '../macro/samples.ts';
import { churnStart } from '../workloads/churn.ts';
import { workload } from '../workloads/workload.ts';
import { engineParts } from './engine-parts.ts';

const REPETITIONS = 100;

export async function measureParts(agents: number, quick: boolean): Promise<MicroFigure[]> {
  const bench = new Bench({
    time: quick ? 50 : 500,
    warmupTime: quick ? 50 : 250,
  });
  const start = churnStart(workload(agents, { zones: 3 }));
  for (const [name, part] of Object.entries(engineParts(start))) {
    bench.add(name, () => {
      for (let i = 0; i < REPETITIONS; i++) part();
    });
  }
  const tasks = await bench.run();
  return tasks.map(({ name, result }): MicroFigure => {
    if (result.state !== 'completed') throw new Error(`${name}: the benchmark ended as ${result.state}`);
    const { p50, p99 } = result.latency;
    const nsP50 = (p50 * 1e6) / REPETITIONS;
    return {
      part: 'micro',
      case: name,
      agents,
      opsPerSecond: rounded(1e9 / nsP50),
      nsP50: rounded(nsP50),
      nsP99: rounded((p99 * 1e6) / REPETITIONS),
    };
  });
}
