/**
 * The process of one measurement, started by `in-child.ts`. A process of its own for each makes them independent of
 * order and choice: what V8 has learnt from one case neither helps nor hinders the next.
 */
import type { AnyFigure, Measurement } from './figures.ts';
import { readGate } from './gates/gate-readings.ts';
import { measureChurn } from './macro/churn-figure.ts';
import { measureColdStart } from './macro/cold-start.ts';
import { measureLatency } from './macro/latency.ts';
import { measureInterfaces } from './macro/object-api.ts';
import { measureReplay } from './macro/replay.ts';
import { measureParts } from './micro/engine-bench.ts';

/** What a child tells its parent; figures come last, and once. */
export type ChildMessage = { readonly progress: string } | { readonly figures: readonly AnyFigure[] };

const tell = (message: ChildMessage): void => void process.send?.(message);

const figures = await figuresOf(JSON.parse(process.argv[2]) as Measurement);
tell({ figures });
process.disconnect?.();

async function figuresOf(measurement: Measurement): Promise<readonly AnyFigure[]> {
  const { part, agents } = measurement;
  switch (part) {
    case 'churn':
      return [measureChurn(measurement.case, agents, measurement.quick)];
    case 'latency':
      return [measureLatency(measurement.case, agents, measurement.quick)];
    case 'cold':
      return [measureColdStart(measurement.case, agents, measurement.quick)];
    case 'object':
      return measureInterfaces(measurement.case, agents, measurement.quick);
    case 'micro':
      return measureParts(agents, measurement.quick);
    case 'replay':
      return [measureReplay(measurement.scale, (done, total) => tell({ progress: `${done} of ${total}` }))];
    case 'gate':
      return [readGate(measurement)];
  }
}
