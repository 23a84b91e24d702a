/**
 * From rules to lives: finds the first rule that fits a task on its agent and draws everything that chance decides.
 */
import type { TaskEndReason } from '@stowage/jobs';
import type { SeededRandom } from '../seeded-random.ts';
import { chanceOf, drawMs, unit } from './chance.ts';
import { glob } from './glob.ts';
import type { LifeCycleRule, LifeCycleSelector, ScriptedEnd, Stage } from './life-cycle-script.ts';

/** What a selector looks at. */
export interface LifeFacts {
  readonly taskId: string;
  readonly jobId: string;
  readonly kind: 'batch' | 'service';
  readonly index: number;
  readonly resubmits: number;
  readonly agentId: string;
  readonly zone: string;
}

/** A stage as it will be. */
export interface LifeStage {
  /** Undefined: it never ends by itself. */
  readonly delayMs: number | undefined;
  /** `continue`: on to the next stage. */
  readonly then:
    'continue' | 'forget' | { readonly reason: TaskEndReason & ScriptedEnd; readonly exitCode: number };
}

export interface Life {
  readonly launched: LifeStage;
  readonly startInitiated: LifeStage;
  readonly started: LifeStage;
  readonly killInitiated: LifeStage;
}

const LAUNCHED_MS = 100;
const START_INITIATED_MS = 500;
const BATCH_RUN_MS = 60_000;
const KILL_MS = 500;

/** What a process leaves behind when it ends for a reason; 128 + 9 for those that are killed. */
const EXIT_CODES: Readonly<Record<ScriptedEnd, number>> = {
  normal: 0,
  failed: 1,
  'out-of-memory': 137,
  killed: 137,
  'invalid-request': 0,
  unavailable: 0,
  'timed-out': 0,
  'local-system-error': 0,
  crashed: 1,
  'transient-system-error': 0,
};

interface CompiledRule {
  readonly fits: (facts: LifeFacts) => boolean;
  readonly rule: LifeCycleRule;
}

export class LifeCycles {
  readonly #rules: readonly CompiledRule[];
  readonly #seed: number;

  constructor(rules: readonly LifeCycleRule[], seed: number) {
    this.#rules = rules.map((rule) => ({ fits: compiled(rule.selector ?? {}), rule }));
    this.#seed = seed;
  }

  /** O(rules). */
  lifeOf(facts: LifeFacts): Life {
    const rule = this.#rules.find(({ fits }) => fits(facts))?.rule ?? {};
    const random = chanceOf(this.#seed, facts.taskId);
    return {
      launched: drawn(rule.launched, LAUNCHED_MS, random),
      startInitiated: drawn(rule.startInitiated, START_INITIATED_MS, random),
      started: drawn(rule.started, facts.kind === 'batch' ? BATCH_RUN_MS : undefined, random),
      killInitiated: drawn(rule.killInitiated, KILL_MS, random),
    };
  }
}

function drawn(stage: Stage = {}, defaultMs: number | undefined, random: SeededRandom): LifeStage {
  const { delayMs = defaultMs, action = 'continue', probability = 1 } = stage;
  const drawnMs = delayMs === undefined ? undefined : drawMs(delayMs, random);
  const chosen = unit(random) < probability ? action : 'continue';
  if (typeof chosen === 'string') return { delayMs: drawnMs, then: chosen };
  const { finish: reason, exitCode = EXIT_CODES[reason] } = chosen;
  return { delayMs: drawnMs, then: { reason, exitCode } };
}

function compiled({ job, kind, indexes, resubmits, zones, agents }: LifeCycleSelector): CompiledRule['fits'] {
  const tests: CompiledRule['fits'][] = [];
  if (job !== undefined) {
    const fits = glob(job);
    tests.push(({ jobId }) => fits(jobId));
  }
  if (kind !== undefined) tests.push((facts) => facts.kind === kind);
  if (indexes !== undefined) {
    const { from, step = 1, to = Infinity } = indexes;
    tests.push(({ index }) => index >= from && index <= to && (index - from) % step === 0);
  }
  if (resubmits !== undefined) tests.push((facts) => resubmits.includes(facts.resubmits));
  if (zones !== undefined) tests.push(({ zone }) => zones.includes(zone));
  if (agents !== undefined) {
    const fits = glob(agents);
    tests.push(({ agentId }) => fits(agentId));
  }
  return (facts) => tests.every((test) => test(facts));
}
