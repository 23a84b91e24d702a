/** An agent of this host with what watches it: health that fences it, and numbers. Made by `openAgent`. */
import type {
  FeatureReport,
  KillOptions,
  LogChunk,
  LogQuery,
  TaskRuntime,
  TaskSpec,
  TaskState,
  TaskStatus,
} from '@stowage/protocol';
import type { Agent } from '../agent/agent.ts';
import type { AgentCondition } from '../agent/agent-condition.ts';
import type { HealthReport } from '../health/health-monitor.ts';
import type { LiveTask } from '../metrics/container-metrics.ts';

export interface HostAgentParts {
  readonly agent: Agent;
  readonly health: () => HealthReport;
  readonly liveTasks: () => readonly LiveTask[];
  readonly metricsText: () => Promise<string>;
  readonly metricsAddress: string | undefined;
  readonly close: () => Promise<void>;
}

/** @public */
export class HostAgent implements TaskRuntime {
  readonly #parts: HostAgentParts;
  readonly #agent: Agent;
  #closed: Promise<void> | undefined;

  /** @internal */
  constructor(parts: HostAgentParts) {
    this.#parts = parts;
    this.#agent = parts.agent;
  }

  /** Twelve hexadecimal digits, the same over restarts. */
  get id(): string {
    return this.#agent.id;
  }

  /** Where numbers and health are served over HTTP, if the setup asks for it. */
  get metricsAddress(): string | undefined {
    return this.#parts.metricsAddress;
  }

  features(): FeatureReport {
    return this.#agent.features();
  }

  launch(spec: TaskSpec): Promise<void> {
    return this.#agent.launch(spec);
  }

  kill(taskId: string, options?: KillOptions): Promise<void> {
    return this.#agent.kill(taskId, options);
  }

  statuses(options?: { readonly after?: number; readonly signal?: AbortSignal }): AsyncIterable<TaskStatus> {
    return this.#agent.statuses(options);
  }

  tasks(): readonly { readonly spec: TaskSpec; readonly state: TaskState }[] {
    return this.#agent.tasks();
  }

  logs(taskId: string, query?: LogQuery): AsyncIterable<LogChunk> {
    return this.#agent.logs(taskId, query);
  }

  forget(taskId: string): Promise<void> {
    return this.#agent.forget(taskId);
  }

  /** As `Agent.fence`. */
  fence(reason: string, source?: string): void {
    this.#agent.fence(reason, source);
  }

  unfence(source?: string): void {
    this.#agent.unfence(source);
  }

  /** What an operator should know: fences, troubles, containers without a journal. */
  condition(): AgentCondition {
    return this.#agent.condition();
  }

  /** As `Agent.confirmOrphans`. */
  confirmOrphans(taskIds: readonly string[]): void {
    this.#agent.confirmOrphans(taskIds);
  }

  health(): HealthReport {
    return this.#parts.health();
  }

  /** The tasks whose containers live now, with the host's numbers of their first processes. */
  liveTasks(): readonly LiveTask[] {
    return this.#parts.liveTasks();
  }

  /** All numbers in the exposition format of Prometheus. */
  metricsText(): Promise<string> {
    return this.#parts.metricsText();
  }

  /** Ends all of it; containers stay as they are. */
  close(): Promise<void> {
    this.#closed ??= this.#parts.close();
    return this.#closed;
  }
}
