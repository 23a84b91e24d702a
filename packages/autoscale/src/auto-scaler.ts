/**
 * Decides how agent pools grow and shrink: holds the rules and what is remembered between evaluations. An evaluation takes
 * a view of the pools and the time, and returns decisions as values with their reasons; it calls nobody and waits for
 * nothing. Thresholds, cool-downs and delays are Fenzo's; classified failures, the retry window and the idle grace Titus'.
 */
import { show, StowageError } from '@stowage/core';
import { type AutoScalerSnapshot, readSnapshot } from './auto-scaler-snapshot.ts';
import { requireArray } from './checks.ts';
import { CountedTasks } from './counted-tasks.ts';
import type { Evaluation } from './decisions.ts';
import { fail } from './errors.ts';
import { type AutoscaleInput, evaluatePools } from './evaluation.ts';
import { byText } from './order.ts';
import type { PoolClocks } from './pool-clocks.ts';
import { checkedRule, type CheckedRule, type PoolRule } from './pool-rule.ts';
import { type AutoScalerOptions, checkedSettings, type Settings } from './settings.ts';

/**
 * Grows and shrinks agent pools.
 *
 * @example
 * ```ts
 * const scaler = new AutoScaler({ rules: [{ pool: 'web', minIdle: 2, maxIdle: 4, maxSize: 50, coolDownMs: 600_000 }] });
 * for (const decision of scaler.evaluate({ agents, failedTasks }, nowMs).decisions) carryOut(decision);
 * ```
 * @public
 */
export class AutoScaler {
  readonly #settings: Settings;
  readonly #rules = new Map<string, CheckedRule>();
  readonly #counted: CountedTasks;
  #clocks = new Map<string, PoolClocks>();
  #evaluating = false;

  /** @throws StowageError INVALID_AUTOSCALE_OPTION, INVALID_POOL_RULE, DUPLICATE_POOL */
  constructor(options: AutoScalerOptions = {}) {
    this.#settings = checkedSettings(options);
    this.#counted = new CountedTasks(this.#settings.retryMs);
    const { rules = [] } = options;
    for (const rule of requireArray<PoolRule>('INVALID_AUTOSCALE_OPTION', 'rules', rules)) this.addRule(rule);
  }

  /** Adds the rule of a pool, in force from the next evaluation on. @throws StowageError INVALID_POOL_RULE, DUPLICATE_POOL */
  addRule(rule: PoolRule): void {
    const checked = this.#checked(rule);
    if (this.#rules.has(checked.pool))
      fail('DUPLICATE_POOL', `pool "${checked.pool}" has a rule; use replaceRule to change it.`);
    this.#rules.set(checked.pool, checked);
  }

  /** Exchanges the rule of a pool; its clocks run on. @throws StowageError INVALID_POOL_RULE, UNKNOWN_POOL */
  replaceRule(rule: PoolRule): void {
    const checked = this.#checked(rule);
    this.#requirePool(checked.pool);
    this.#rules.set(checked.pool, checked);
  }

  /**
   * Leaves a pool alone from now on. Its clocks are forgotten at the next evaluation after which no agents of it are on
   * their way, so that a rule added before knows of them.
   * @throws StowageError UNKNOWN_POOL
   */
  removeRule(pool: string): void {
    this.#requirePool(pool);
    this.#rules.delete(pool);
  }

  /** The rules with their defaults filled in, by pool name. */
  rules(): PoolRule[] {
    return [...this.#rules.values()].sort((a, b) => byText(a.pool, b.pool)).map((rule) => ({ ...rule }));
  }

  /**
   * Decides what to do now. Call it regularly, and more often than the shortest delay of a rule.
   *
   * When a function of a rule or the scale-down policy fails, that is reported in `errors` and its pool left as it is; the
   * other pools stand. The clock may go back: then waiting begins anew at worst.
   *
   * O(agents + failed tasks · pools), times a logarithm for sorting, and what the evaluators take.
   * @param nowMs - any clock in milliseconds, the same at every call
   * @throws StowageError INVALID_AUTOSCALE_INPUT, AUTOSCALE_CALLBACK_FAILED or another one of the shortfall evaluator,
   * REENTRANT_CALL; then nothing has changed
   */
  evaluate(input: AutoscaleInput, nowMs: number): Evaluation {
    if (this.#evaluating) {
      throw new StowageError(
        'REENTRANT_CALL',
        'evaluate was called from within an evaluation; let evaluators answer from what they are given.',
      );
    }
    this.#evaluating = true;
    try {
      const memory = { clocks: this.#clocks, counted: this.#counted };
      const { evaluation, clocks } = evaluatePools(
        this.#settings,
        this.#rules.values(),
        memory,
        input,
        nowMs,
      );
      this.#clocks = clocks;
      this.#counted.note(evaluation.counted, nowMs);
      return evaluation;
    } finally {
      this.#evaluating = false;
    }
  }

  /** What is remembered between evaluations, as plain data: cool-downs, delays, and failed tasks counted lately. */
  snapshot(): AutoScalerSnapshot {
    const clocks = [...this.#clocks.values()].sort((a, b) => byText(a.pool, b.pool));
    return {
      version: 1,
      clocks: clocks.map((one) => ({ ...one })),
      counted: this.#counted.entries().sort(([a], [b]) => byText(a, b)),
    };
  }

  /**
   * An auto-scaler that goes on where another one stopped.
   *
   * @param snapshot - what `snapshot` returned, also by way of JSON
   * @param options - as for the constructor: rules hold functions and stand in no snapshot
   * @throws StowageError INVALID_AUTOSCALE_SNAPSHOT and those of the constructor
   */
  static restore(snapshot: AutoScalerSnapshot, options: AutoScalerOptions = {}): AutoScaler {
    const { clocks, counted } = readSnapshot(snapshot);
    const scaler = new AutoScaler(options);
    for (const one of clocks) scaler.#clocks.set(one.pool, one);
    scaler.#counted.restore(counted);
    return scaler;
  }

  #checked(rule: PoolRule): CheckedRule {
    const checked = checkedRule(rule);
    const { name, needsTemplate = false } = this.#settings.shortfall;
    if (needsTemplate && checked.template === undefined) {
      fail(
        'INVALID_POOL_RULE',
        `pool "${checked.pool}" has no template, which the shortfall evaluator "${name}" needs; give one.`,
      );
    }
    return checked;
  }

  #requirePool(pool: string): void {
    if (!this.#rules.has(pool)) fail('UNKNOWN_POOL', `pool ${show(pool)} has no rule; use addRule first.`);
  }
}
