/**
 * Reference forms of what Fenzo rates its own way: slots, resource sets, soft balance, and the one number that it mixes
 * from all of them.
 */
import { type Fraction, fraction } from './fraction.ts';
import { coTasks } from './reference-cluster.ts';
import type {
  ReferenceAgent,
  ReferenceCluster,
  ReferenceFitness,
  ReferenceSlotFitness,
  ReferenceSlotState,
  ReferenceTask,
} from './reference-model.ts';
import type { ReferenceBalanceOptions } from './reference-balance.ts';
import { slotStates } from './reference-slots.ts';
import { shareOf } from './reference-weighted.ts';

/** 0.5 / (limit + 1) for an idle slot, min(1, (used + needed + 1) / (limit + 1)) for one in use. @public */
export const referenceFenzoSlots: ReferenceSlotFitness = (task, agent, slot) => {
  const limit = agent.sets[slot.set].unitsPerSlot;
  if (slot.isIdle) return fraction(1, 2 * (limit + 1));
  const needed = task.slotDemands.find(({ set }) => set === slot.set)!.units ?? limit;
  return fraction(Math.min(limit + 1, limit - slot.unitsFree + needed + 1), limit + 1);
};

/** The mean over the sets of an agent of their best slot, of 2^44; 0 without sets. @public */
export function referenceFenzoSetFitness(sets?: readonly string[]): ReferenceFitness {
  const score: ReferenceFitness = (task, agent, cluster) => {
    const present = (sets ?? Object.keys(agent.sets)).filter((set) => agent.sets[set].labels.length > 0);
    const values = present.map((set) => nearest(2n ** 44n, bestSlot(task, agent, cluster, set)));
    const sum = values.reduce((total, value) => total + value, 0n);
    return present.length === 0 ? 0n : nearest(1n, fraction(sum, present.length));
  };
  return Object.assign(score, { range: () => [0n, 2n ** 44n] as const });
}

/** What Fenzo's soft balance rates, of 2^20 or another scale, rounded down. @public */
export function referenceFenzoBalance(
  attribute: string,
  { label = 'job', expectedValues = 0 }: ReferenceBalanceOptions = {},
  scale: bigint = 2n ** 20n,
): ReferenceFitness {
  const score: ReferenceFitness = (task, agent, cluster) => {
    const value = agent.attributes[attribute];
    if (value === undefined) return 0n;
    const values = coTasks(cluster, task, label)
      .map(({ row }) => cluster.agents.find((other) => other.row === row)?.attributes[attribute])
      .filter((other) => other !== undefined);
    const count = values.filter((other) => other === value).length;
    if (count === 0) return scale;
    const divisor = Math.max(expectedValues, new Set(values).size);
    const total = values.length + (divisor === 1 ? 1 : 0);
    return (scale * BigInt(total - count)) / BigInt(total);
  };
  return Object.assign(score, { range: () => [0n, scale] as const });
}

/** @public */
export interface ReferenceFenzoOptions {
  /** Must have a range. Default: 1.0 everywhere. */
  readonly fitness?: ReferenceFitness;
  /** Must have ranges. */
  readonly softConstraints?: readonly ReferenceFitness[];
  readonly sets?: readonly string[];
}

/**
 * 15 % sets, 50 % mean of the soft constraints, 35 % fitness, with integer weights in the ratio 3 : 10 / softs : 7. Every
 * part is rounded to the nearest multiple of the finest
 * power of two with which the sum stays below 2^53.
 * @public
 */
export function referenceFenzoFitness(options: ReferenceFenzoOptions): ReferenceFitness {
  const { fitness = alwaysOne, softConstraints: given = [], sets } = options;
  const softs = given.length === 0 ? [alwaysOne] : given;
  const parts = [
    { part: referenceFenzoSetFitness(sets), weight: 3n * BigInt(softs.length) },
    { part: fitness, weight: 7n * BigInt(softs.length) },
    ...softs.map((part) => ({ part, weight: 10n })),
  ];
  const divisor = gcd(BigInt(softs.length), 10n);
  const weightSum = parts.reduce((sum, { weight }) => sum + weight, 0n) / divisor;
  let scale = 1n;
  while (weightSum * scale * 2n < 2n ** 53n) scale *= 2n;
  const score: ReferenceFitness = (task, agent, cluster) =>
    parts
      .map(({ part, weight }) => (weight / divisor) * rounded(scale, shareOf(part, task, agent, cluster)))
      .reduce((sum, value) => sum + value, 0n);
  return Object.assign(score, { slotFitness: fitness.slotFitness ?? referenceFenzoSlots });
}

const alwaysOne: ReferenceFitness = Object.assign(() => 1n, { range: () => [0n, 1n] as const });

function bestSlot(
  task: ReferenceTask,
  agent: ReferenceAgent,
  cluster: ReferenceCluster,
  set: string,
): Fraction {
  const limit = agent.sets[set].unitsPerSlot;
  const demand = task.slotDemands.find((candidate) => candidate.set === set);
  if (demand === undefined) return fraction(1, 2 * (limit + 1));
  const canServe = (slot: ReferenceSlotState) =>
    slot.unitsFree >= (demand.units ?? limit) && (slot.isIdle || slot.label === demand.label);
  return slotStates(cluster, agent, set)
    .filter(canServe)
    .map((slot) => referenceFenzoSlots(task, agent, slot, cluster) as Fraction)
    .reduce(
      (best, value) =>
        best.numerator * value.denominator < value.numerator * best.denominator ? value : best,
      fraction(0),
    );
}

/** scale · value to the nearest integer, halves up. */
function nearest(scale: bigint, { numerator, denominator }: Fraction): bigint {
  return (2n * scale * numerator + denominator) / (2n * denominator);
}

/** The same by way of the nearest double, as is documented. */
function rounded(scale: bigint, { numerator, denominator }: Fraction): bigint {
  const divisor = gcd(numerator, denominator);
  const quotient = Number(numerator / divisor) / Number(denominator / divisor);
  return BigInt(Math.round(quotient * Number(scale)));
}

function gcd(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}
