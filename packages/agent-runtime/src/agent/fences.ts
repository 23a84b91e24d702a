/**
 * Why an agent takes no tasks. Each source puts up and takes down its own fence, so that a health check that recovers
 * does not lift what an operator or the agent itself has put up. Tasks that were taken go on.
 */
import type { AgentObserver } from './agent-observer.ts';

/** @public */
export interface Fence {
  readonly source: string;
  readonly reason: string;
  /** Since when, by the wall clock. */
  readonly sinceMs: number;
}

export class Fences {
  readonly #observer: Required<AgentObserver>;
  readonly #wallMs: () => number;
  readonly #fences = new Map<string, Fence>();

  constructor(observer: Required<AgentObserver>, wallMs: () => number) {
    this.#observer = observer;
    this.#wallMs = wallMs;
  }

  get all(): readonly Fence[] {
    return [...this.#fences.values()];
  }

  put(source: string, reason: string): void {
    const old = this.#fences.get(source);
    if (old?.reason === reason) return;
    this.#fences.set(source, { source, reason, sinceMs: old?.sinceMs ?? this.#wallMs() });
    this.#observer.fenced(source, reason);
  }

  lift(source: string): void {
    if (this.#fences.delete(source)) this.#observer.unfenced(source);
  }
}
