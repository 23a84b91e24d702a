/**
 * The numbers of one agent in the exposition format of Prometheus. It observes the agent's life cycle and counts; what
 * containers use and facilities have counted is read when somebody asks. Series with a task's id exist only while its
 * container lives, so there are never more of them than live tasks, whatever the agent has run before.
 */
import {
  AGENT_FEATURES,
  FINISH_REASONS,
  type FeatureReport,
  TASK_STATES,
  type TaskStatus,
} from '@stowage/protocol';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AdoptionOutcome, AgentObserver } from '../agent/agent-observer.ts';
import type { HealthReport } from '../health/health-monitor.ts';
import { ContainerMetrics, type LiveTask } from './container-metrics.ts';
import { readContainerUsage } from './container-usage.ts';
import { FacilityMetrics, type MeasuredFacilities } from './facility-metrics.ts';

/** @public */
export interface AgentMetricsOptions {
  /** The tasks whose containers live now. */
  readonly liveTasks: () => Iterable<LiveTask>;
  /** Whose numbers are told too. Default: none. */
  readonly facilities?: MeasuredFacilities;
  /** Default `readContainerUsage`. */
  readonly readUsage?: typeof readContainerUsage;
}

const ADOPTION_OUTCOMES: Readonly<Record<AdoptionOutcome, true>> = {
  watched: true,
  resumed: true,
  relaunched: true,
  'cleaned-up': true,
  lost: true,
};

/** Seconds: from a step of the fast backend to the pull of a large image. */
const BUCKETS: number[] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900];

/** @public */
export class AgentMetrics implements AgentObserver {
  readonly #registry: Registry = new Registry();
  readonly #statuses: Counter<'state'>;
  readonly #finished: Counter<'reason'>;
  readonly #starts: Histogram;
  readonly #steps: Histogram<'step' | 'result'>;
  readonly #cleanUpFailures: Counter<'step'>;
  readonly #adoptions: Counter<'outcome'>;
  readonly #reaped: Counter;
  readonly #held: Counter;
  readonly #troubles: Counter;
  readonly #fenced: Gauge;
  readonly #failing: Gauge<'check'>;
  readonly #features: Gauge<'feature' | 'level'>;
  readonly #containers: ContainerMetrics;
  readonly #facilities: FacilityMetrics;
  /** By task that was accepted and has neither started nor finished. */
  readonly #acceptedMs: Map<string, number> = new Map();
  readonly #fences: Set<string> = new Set();
  #answer: Promise<string> | undefined;

  constructor({ liveTasks, facilities = {}, readUsage = readContainerUsage }: AgentMetricsOptions) {
    const registers = [this.#registry];
    const counter = <L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> =>
      new Counter<L>({ name: `stowage_agent_${name}`, help, labelNames, registers });
    const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]): Gauge<L> =>
      new Gauge<L>({ name: `stowage_agent_${name}`, help, labelNames, registers });
    const seconds = <L extends string>(name: string, help: string, ...labelNames: L[]): Histogram<L> =>
      new Histogram<L>({ name: `stowage_agent_${name}`, help, labelNames, registers, buckets: BUCKETS });

    this.#statuses = counter('task_statuses_total', 'Statuses said of tasks, by state.', 'state');
    this.#finished = counter('tasks_finished_total', 'Tasks that have finished, by reason.', 'reason');
    this.#starts = seconds('task_start_seconds', 'Time from accepting a task until its process runs.');
    this.#steps = seconds('step_seconds', 'Duration of the steps of launch and clean-up.', 'step', 'result');
    this.#cleanUpFailures = counter(
      'clean_up_failures_total',
      'Clean-up steps given up for a while.',
      'step',
    );
    this.#adoptions = counter('adoptions_total', 'Tasks that were found at a restart.', 'outcome');
    this.#reaped = counter('orphans_reaped_total', 'Containers without a task that were removed.');
    this.#held = counter('orphans_held_total', 'Containers without a task that were left to an operator.');
    this.#troubles = counter(
      'troubles_total',
      'Operations in the background that failed and are tried again.',
    );
    this.#fenced = gauge('fenced', '1 while the agent takes no new tasks.');
    this.#failing = gauge('health_check_failing', '1 for each health check that fails.', 'check');
    this.#features = gauge('feature', '1 for the level that each feature has.', 'feature', 'level');
    this.#containers = new ContainerMetrics(this.#registry, liveTasks, readUsage);
    this.#facilities = new FacilityMetrics(this.#registry, facilities, liveTasks);

    // A counter that is there from the start shows its first event as an increase.
    for (const state of TASK_STATES) this.#statuses.inc({ state }, 0);
    for (const reason of Object.keys(FINISH_REASONS)) this.#finished.inc({ reason }, 0);
    for (const outcome of Object.keys(ADOPTION_OUTCOMES)) this.#adoptions.inc({ outcome }, 0);
  }

  /** Of the text that `text` gives. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  stepFinished(_taskId: string, step: string, durationMs: number, ok: boolean): void {
    this.#steps.observe({ step, result: ok ? 'ok' : 'failed' }, durationMs / 1_000);
  }

  said({ taskId, state, timestampMs, reason }: TaskStatus): void {
    this.#statuses.inc({ state });
    if (reason !== undefined) this.#finished.inc({ reason });
    const acceptedMs = this.#acceptedMs.get(taskId);
    if (state === 'accepted') this.#acceptedMs.set(taskId, timestampMs);
    if (state === 'started' || state === 'finished') this.#acceptedMs.delete(taskId);
    // The clock may have been set back in between.
    if (state === 'started' && acceptedMs !== undefined)
      this.#starts.observe(Math.max(0, timestampMs - acceptedMs) / 1_000);
  }

  adopted(_taskId: string, outcome: AdoptionOutcome): void {
    this.#adoptions.inc({ outcome });
  }

  cleanUpFailed(_taskId: string, step: string): void {
    this.#cleanUpFailures.inc({ step });
  }

  reaped(): void {
    this.#reaped.inc();
  }

  troubled(): void {
    this.#troubles.inc();
  }

  orphansHeld(taskIds: readonly string[]): void {
    this.#held.inc(taskIds.length);
  }

  fenced(source: string): void {
    this.#fences.add(source);
    this.#fenced.set(1);
  }

  unfenced(source: string): void {
    this.#fences.delete(source);
    this.#fenced.set(this.#fences.size > 0 ? 1 : 0);
  }

  /** To be called with every report of the health monitor. */
  setHealth({ reasons }: HealthReport): void {
    this.#failing.reset();
    for (const { check } of reasons) this.#failing.set({ check }, 1);
  }

  setFeatures(report: FeatureReport): void {
    this.#features.reset();
    for (const feature of Object.keys(AGENT_FEATURES) as (keyof FeatureReport)[])
      this.#features.set({ feature, level: report[feature].level }, 1);
  }

  /** All numbers of now. Who asks while another is being answered gets the same answer. */
  text(): Promise<string> {
    this.#answer ??= this.#read().finally(() => (this.#answer = undefined));
    return this.#answer;
  }

  async #read(): Promise<string> {
    await this.#containers.update();
    this.#facilities.update();
    return this.#registry.metrics();
  }
}
