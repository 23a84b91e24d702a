/**
 * Weights as users write them, turned into small integers in the same ratio. A number counts as the decimal that it
 * prints as (0.05 is five hundredths, not the double next to it), so 0.25 and 0.75 are exactly 1 and 3, and weights
 * that sum to 1 on paper sum to 1 here, which Fenzo's doubles do not promise.
 */
import { show, StowageError } from '@stowage/core';

/** The greatest sum of reduced weights: above it, a part could not be resolved to 2^-40 of its range within 53 bits. */
export const MAX_WEIGHT_SUM = 8191;

/**
 * The smallest integers in the ratio of some weights.
 * @param weights - finite, none negative, at least one above 0
 * @throws StowageError INVALID_PLUGIN also when the integers sum to more than `MAX_WEIGHT_SUM`
 */
export function integerWeights(factory: string, weights: readonly number[]): number[] {
  const { numerators } = asDecimals(factory, weights);
  const divisor = numerators.reduce(gcd, 0n);
  if (divisor === 0n)
    throw new StowageError('INVALID_PLUGIN', `${factory}: all weights are 0; give a greater one.`);
  const reduced = numerators.map((numerator) => numerator / divisor);
  if (sum(reduced) > MAX_WEIGHT_SUM) {
    throw new StowageError(
      'INVALID_PLUGIN',
      `${factory}: the weights ${weights.join(', ')} reduce to integers that sum to more than ${MAX_WEIGHT_SUM}; round them to fewer digits.`,
    );
  }
  return reduced.map(Number);
}

/** Whether weights sum to 1, as decimals. @throws StowageError INVALID_PLUGIN as `integerWeights` */
export function sumToOne(factory: string, weights: readonly number[]): boolean {
  const { numerators, denominator } = asDecimals(factory, weights);
  return sum(numerators) === denominator;
}

/** The weights over one power of ten. */
function asDecimals(
  factory: string,
  weights: readonly number[],
): { numerators: bigint[]; denominator: bigint } {
  const decimals = weights.map((weight: unknown) => {
    if (typeof weight !== 'number' || !Number.isFinite(weight) || weight < 0) {
      throw new StowageError('INVALID_PLUGIN', `${factory}: weight ${show(weight)} is not a number above 0.`);
    }
    const [mantissa, exponent = '0'] = String(weight).split('e');
    const [whole, fraction = ''] = mantissa.split('.');
    return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
  });
  const least = Math.min(0, ...decimals.map(({ exponent }) => exponent));
  return {
    numerators: decimals.map(({ digits, exponent }) => digits * 10n ** BigInt(exponent - least)),
    denominator: 10n ** BigInt(-least),
  };
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}

function gcd(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}
