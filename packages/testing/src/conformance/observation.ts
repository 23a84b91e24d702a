/**
 * Watches the answers of a plug-in while a cluster changes, and collects every promise it breaks. Between two
 * operations all task classes are asked about all rows, so a change of an answer is known to have been caused by
 * one operation on one row.
 */
import type { AdditiveLoad, Plugin, ResourceDefinition } from '@stowage/core';
import { sameBytes } from '../differential/same-bytes.ts';
import { type Change, ClusterActor } from './cluster-actor.ts';
import type { ConformanceCase } from './conformance-case.ts';
import { type ContractPromise, messageOf, type Violation } from './conformance-error.ts';
import { LoadOrder } from './load-order.ts';
import type { Probe } from './probe.ts';

/** What is under observation. */
export interface Subject {
  readonly plugin: Plugin & { readonly additive?: AdditiveLoad; readonly onlyTightens?: boolean };
  readonly probe: () => Probe;
  /** Whether an answer is one that the engine accepts. */
  readonly isValid: (answer: number) => boolean;
}

interface Answers {
  readonly bindings: number;
  readonly byRow: ReadonlyMap<number, number>;
}

/** Promises broken in one case, in the order in which they showed. */
export function observe(
  subject: Subject,
  resources: readonly ResourceDefinition[],
  given: ConformanceCase,
): Violation[] {
  const observation = new Observation(subject, resources, given);
  try {
    observation.run(given);
  } catch (error) {
    observation.violations.push({ promise: 'works', message: messageOf(error) });
  }
  return observation.violations;
}

class Observation {
  readonly violations: Violation[] = [];
  readonly #subject: Subject;
  readonly #probes: readonly Probe[];
  readonly #loadOrders: readonly LoadOrder[];
  readonly #actor: ClusterActor;
  #answers: readonly Answers[] = [];

  constructor(subject: Subject, resources: readonly ResourceDefinition[], { classes }: ConformanceCase) {
    this.#subject = subject;
    this.#probes = classes.map(() => subject.probe());
    const { additive } = subject.plugin;
    this.#loadOrders = additive === undefined ? [] : classes.map(() => new LoadOrder(additive));
    const policies = this.#probes.map((probe) => probe.policies);
    this.#actor = new ClusterActor(
      resources,
      classes.map((bare, i) => ({ ...bare, ...policies[i] })),
    );
  }

  run({ agents, operations }: ConformanceCase): void {
    for (const shape of agents) this.#actor.apply({ kind: 'add', shape });
    this.#answers = this.#askAll();
    for (const operation of operations) {
      const change = this.#actor.apply(operation);
      if (change === undefined) continue;
      const before = this.#answers;
      this.#answers = this.#askAll();
      before.forEach((old, i) => {
        this.#checkDependency(i, old, this.#answers[i], change);
        this.#checkTightening(i, old, this.#answers[i], change);
      });
    }
  }

  #askAll(): Answers[] {
    return this.#probes.map((_, i) => this.#ask(i));
  }

  #ask(taskClass: number): Answers {
    const { engine, classIds, rows: present } = this.#actor;
    const probe = this.#probes[taskClass];
    const known = this.#answers[taskClass];
    engine.find(classIds[taskClass]);
    const snapshot = engine.snapshot();
    const rows = probe.askable(present);
    const answers = this.#askRepeatedly(probe, rows);
    if (!sameBytes(engine.snapshot(), snapshot) || engine.verify().length > 0) {
      this.#report(
        'pure',
        `answering changed the state of the engine (${engine.verify().join('; ') || 'its snapshot'})`,
      );
    }
    if (known !== undefined && known.bindings !== probe.bindings) this.#loadOrders[taskClass]?.clear();
    rows.forEach((row, i) => this.#checkAnswer(taskClass, row, answers[i]));
    this.#checkGroups(rows, answers);
    return { bindings: probe.bindings, byRow: new Map(rows.map((row, i) => [row, answers[i]])) };
  }

  /** All at once, all at once again, then one by one in reverse. */
  #askRepeatedly(probe: Probe, rows: readonly number[]): number[] {
    probe.prepare();
    const answers = probe.ask(rows);
    const again = probe.ask(rows);
    probe.prepare();
    const reversed = [...rows].reverse().map((row) => probe.ask([row])[0]);
    const single = reversed.reverse();
    rows.forEach((row, i) => {
      if (!Object.is(answers[i], again[i])) {
        this.#report('pure', `asked twice about row ${row} it answered ${answers[i]}, then ${again[i]}`);
      } else if (!Object.is(answers[i], single[i])) {
        this.#report('pure', `row ${row} got ${answers[i]} together with others, but ${single[i]} alone`);
      }
    });
    return answers;
  }

  #checkAnswer(taskClass: number, row: number, answer: number): void {
    if (!this.#subject.isValid(answer)) this.#report('valid', `answered ${answer} for row ${row}`);
    const { range, excludes } = this.#probes[taskClass];
    if (range !== undefined && !(answer >= range[0] && answer <= range[1])) {
      this.#report('range', `declares ${range[0]} to ${range[1]}, but scored ${answer} for row ${row}`);
    }
    if (excludes !== undefined && (answer !== 0) !== excludes(row)) {
      this.#report(
        'exclusion',
        `declares what it excludes, but ${answer === 0 ? 'accepted' : 'refused'} row ${row} with${answer === 0 ? '' : 'out'} such tasks`,
      );
    }
    const contradiction = this.#loadOrders[taskClass]?.see(this.#actor.engine.cluster, row, answer);
    if (contradiction !== undefined) this.#report('additive', contradiction);
  }

  #checkGroups(rows: readonly number[], answers: readonly number[]): void {
    const { groupedBy } = this.#subject.plugin;
    if (groupedBy === undefined) return;
    const first = new Map<string, number>();
    rows.forEach((row, i) => {
      const attributes = this.#actor.engine.attributesOf(row);
      const group = JSON.stringify(groupedBy.map((key) => attributes[key] ?? null));
      const other = first.get(group) ?? i;
      first.set(group, other);
      if (Object.is(answers[i], answers[other])) return;
      this.#report(
        'grouped',
        `declares to be grouped by ${groupedBy.join(', ') || 'nothing'}, but answered ${answers[other]} for row ${rows[other]} and ` +
          `${answers[i]} for row ${row}, both with ${group}`,
      );
    });
  }

  #checkTightening(taskClass: number, before: Answers, after: Answers, change: Change): void {
    if (this.#subject.plugin.onlyTightens !== true || !change.isPlacement) return;
    for (const [row, answer] of after.byRow) {
      const old = before.byRow.get(row) ?? 0;
      if (old === 0 || answer !== 0) continue;
      this.#report(
        'tightening',
        `declares that it only tightens, but for class ${taskClass} it refused row ${row} and accepted it when ${change.description}`,
      );
    }
  }

  #checkDependency(taskClass: number, before: Answers, after: Answers, change: Change): void {
    const { dependsOn = 'anything' } = this.#subject.plugin;
    if (dependsOn === 'anything') return;
    const isRebound = before.bindings !== after.bindings;
    for (const [row, answer] of after.byRow) {
      const old = before.byRow.get(row);
      if (old === undefined || Object.is(old, answer)) continue;
      const isOwnRow = row === change.row;
      const mayChange = {
        attributes: isOwnRow && change.ofAttributes,
        agent: isOwnRow || isRebound,
        group: isOwnRow || isRebound || change.ofGroups,
      };
      if (mayChange[dependsOn]) continue;
      this.#report(
        'dependency',
        `declares "${dependsOn}", but for class ${taskClass} the answer about row ${row} went from ${old} to ${answer} ` +
          `when ${change.description}`,
      );
    }
  }

  #report(promise: ContractPromise, message: string): void {
    this.violations.push({ promise, message });
  }
}
