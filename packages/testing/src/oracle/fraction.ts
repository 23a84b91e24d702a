/**
 * Exact rational numbers for the oracle, so that used/total is literally that and comparing two agents of
 * different size rounds nothing. Slow: every number is a pair of big integers.
 */

/**
 * A rational number.
 * @public
 */
export interface Fraction {
  readonly numerator: bigint;
  /** Greater than 0. */
  readonly denominator: bigint;
}

/**
 * A fraction from two integers.
 * @param denominator - greater than 0; default 1
 * @throws RangeError for a number that is not an integer, or a denominator below 1
 * @public
 */
export function fraction(numerator: bigint | number, denominator: bigint | number = 1n): Fraction {
  if (denominator < 1) throw new RangeError(`denominator ${denominator}: give an integer greater than 0.`);
  return { numerator: BigInt(numerator), denominator: BigInt(denominator) };
}

/** An integer or a fraction as a fraction. @public */
export function toFraction(value: bigint | Fraction): Fraction {
  return typeof value === 'bigint' ? fraction(value) : value;
}

/** Exact sum. @public */
export function addFractions(a: Fraction, b: Fraction): Fraction {
  return {
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
  };
}

/** The greatest integer that is not greater than a / b. @throws RangeError unless b is above 0 @public */
export function floorOfQuotient(a: Fraction, b: Fraction): bigint {
  if (b.numerator <= 0n) throw new RangeError('the divisor is not above 0.');
  const numerator = a.numerator * b.denominator;
  const denominator = a.denominator * b.numerator;
  const quotient = numerator / denominator;
  return numerator < 0n && quotient * denominator !== numerator ? quotient - 1n : quotient;
}

/** Below 0, 0 or above 0 as a is smaller than, equal to or greater than b. @public */
export function compareFractions(a: Fraction, b: Fraction): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
