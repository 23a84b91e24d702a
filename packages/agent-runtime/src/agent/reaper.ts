/**
 * Which of the containers that a backend finds are to be removed. A container without a journal is an orphan; it is
 * reaped only after an age, at a bounded rate, and never when orphans are so many that rather the state is at fault:
 * a scheduler that trusted an empty state once ended 12,000 containers in 30 seconds (QCon talk on Titus). Then all
 * are held until an operator confirms each. Ages count from this start of the agent: a restart only makes it wait.
 */
import { MAX_DELAY_MS, requireInteger } from './errors.ts';

/** @public */
export interface ReaperLimits {
  /** Between two looks at all containers. Default 60,000. */
  readonly intervalMs: number;
  /** From when a container was first seen without a journal. Default 600,000. */
  readonly orphanAgeMs: number;
  /** Most removals in any 60 seconds. Default 5. */
  readonly perMinute: number;
  /** Most removals in any 60 minutes. Default 60. */
  readonly perHour: number;
  /** Orphans up to this number are never held for being many. Default 3. */
  readonly fewOrphans: number;
  /** More orphans than this share of all containers are held. In percent, default 20. */
  readonly manyPercent: number;
}

export const DEFAULT_REAPER_LIMITS: ReaperLimits = {
  intervalMs: 60_000,
  orphanAgeMs: 600_000,
  perMinute: 5,
  perHour: 60,
  fewOrphans: 3,
  manyPercent: 20,
};

/** @throws AgentError `INVALID_OPTION` */
export function reaperLimits(overrides: Partial<ReaperLimits> = {}): ReaperLimits {
  const limits = { ...DEFAULT_REAPER_LIMITS, ...overrides };
  for (const [name, value] of Object.entries(limits))
    requireInteger(`reaper.${name}`, value, name === 'intervalMs' ? 1 : 0, MAX_DELAY_MS);
  return limits;
}

/** A container without a journal. @public */
export interface Orphan {
  readonly taskId: string;
  /** By the agent's monotonic clock. */
  readonly firstSeenMs: number;
  /** Nothing happens to it until it is confirmed. */
  readonly isHeld: boolean;
}

/** What the agent knows of an id: `guarded` has a journal, even one that cannot be read. */
export type Claim = 'guarded' | 'finished' | 'none';

export class Reaper {
  readonly #limits: ReaperLimits;
  readonly #orphans = new Map<string, { readonly firstSeenMs: number; isHeld: boolean }>();
  readonly #confirmed = new Set<string>();
  #reapedMs: number[] = [];
  #isFirstLook = true;

  constructor(limits: ReaperLimits) {
    this.#limits = limits;
  }

  get orphans(): readonly Orphan[] {
    return [...this.#orphans].map(([taskId, orphan]) => ({ taskId, ...orphan }));
  }

  isOrphan(taskId: string): boolean {
    return this.#orphans.has(taskId);
  }

  /** @returns whether the id is that of an orphan; only then anything changes */
  confirm(taskId: string): boolean {
    const orphan = this.#orphans.get(taskId);
    if (orphan === undefined) return false;
    orphan.isHeld = false;
    this.#confirmed.add(taskId);
    return true;
  }

  /**
   * @param foundIds - all containers and remains of this agent
   * @param hasJournals - false when the state holds no task at all
   * @returns what to remove now, which counts against the rate, and what is held since this look
   */
  look(
    foundIds: readonly string[],
    claim: (taskId: string) => Claim,
    hasJournals: boolean,
    nowMs: number,
  ): { readonly remove: readonly string[]; readonly newlyHeld: readonly string[] } {
    const ids = [...new Set(foundIds)].sort();
    const orphans = ids.filter((id) => claim(id) === 'none');
    const current = new Set(orphans);
    for (const id of this.#orphans.keys()) if (!current.has(id)) this.#drop(id);
    for (const id of orphans) {
      if (!this.#orphans.has(id)) this.#orphans.set(id, { firstSeenMs: nowMs, isHeld: false });
    }
    const newlyHeld = this.#isSuspicious(orphans.length, ids.length, hasJournals) ? this.#hold() : [];
    this.#isFirstLook = false;
    const aged = orphans.filter((id) => this.#mayReap(id, nowMs));
    const leftovers = ids.filter((id) => claim(id) === 'finished');
    const remove = [...leftovers, ...aged].slice(0, this.#budget(nowMs));
    for (let i = 0; i < remove.length; i++) this.#reapedMs.push(nowMs);
    return { remove, newlyHeld };
  }

  /** A state that came up empty beside containers is suspicious however few they are. */
  #isSuspicious(orphans: number, found: number, hasJournals: boolean): boolean {
    if (this.#isFirstLook && !hasJournals && orphans > 0) return true;
    return orphans > this.#limits.fewOrphans && orphans * 100 > found * this.#limits.manyPercent;
  }

  #hold(): readonly string[] {
    const held: string[] = [];
    for (const [id, orphan] of this.#orphans) {
      if (orphan.isHeld || this.#confirmed.has(id)) continue;
      orphan.isHeld = true;
      held.push(id);
    }
    return held;
  }

  #mayReap(id: string, nowMs: number): boolean {
    if (this.#confirmed.has(id)) return true;
    const { firstSeenMs, isHeld } = this.#orphans.get(id)!;
    return !isHeld && nowMs - firstSeenMs >= this.#limits.orphanAgeMs;
  }

  #budget(nowMs: number): number {
    this.#reapedMs = this.#reapedMs.filter((atMs) => nowMs - atMs < 3_600_000);
    const inLastMinute = this.#reapedMs.filter((atMs) => nowMs - atMs < 60_000).length;
    const { perMinute, perHour } = this.#limits;
    return Math.max(0, Math.min(perMinute - inLastMinute, perHour - this.#reapedMs.length));
  }

  #drop(id: string): void {
    this.#orphans.delete(id);
    this.#confirmed.delete(id);
  }
}
