/** What all tasks of one agent share, and the one way in which they call a backend or facility. */
import type { ContainerBackend } from '../contract/container-backend.ts';
import type { Facility } from '../contract/facility.ts';
import type { Clock } from '../host/clock.ts';
import type { AgentObserver } from './agent-observer.ts';
import type { PlanDefaults } from './container-plan.ts';
import type { StartQueue } from './start-queue.ts';
import type { StatusLog } from './status-log.ts';
import { runStep, type Step } from './step.ts';
import type { StepLimits } from './step-limits.ts';

export interface RunnerContext {
  readonly backend: ContainerBackend;
  /** In the order of preparation. */
  readonly facilities: readonly Facility[];
  readonly clock: Clock;
  readonly limits: StepLimits;
  readonly log: StatusLog;
  readonly starts: StartQueue;
  readonly observer: Required<AgentObserver>;
  readonly planDefaults: PlanDefaults;
  /** Aborts with a `ClosedError`. */
  readonly closing: AbortSignal;
  /** Resolves when all live tasks were adopted after a restart: nothing may be reserved before. */
  readonly ready: Promise<void>;
  /** Calls that were given up and have not returned: their effect may still come. */
  readonly stragglers: Set<Promise<void>>;
  /** Repeats a write until the disk takes it. */
  readonly durably: <T>(write: () => Promise<T>) => Promise<T>;
}

/** @throws as `runStep` does */
export async function observedStep<T>(context: RunnerContext, taskId: string, step: Step<T>): Promise<T> {
  const { clock, observer } = context;
  const beganMs = clock.monotonicMs();
  let ok = false;
  try {
    const onStraggler = (call: Promise<void>): void => {
      const settled: Promise<void> = call.then(() => void context.stragglers.delete(settled));
      context.stragglers.add(settled);
      step.onStraggler?.(settled);
    };
    const value = await runStep(clock, { ...step, onStraggler });
    ok = true;
    return value;
  } finally {
    observer.stepFinished(taskId, step.name, clock.monotonicMs() - beganMs, ok);
  }
}
