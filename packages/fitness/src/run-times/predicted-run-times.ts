/**
 * Run times as somebody has predicted them, with the usual kind of error: the prediction is off by a factor whose
 * logarithm is normally distributed. A task that outruns its prediction is expected to run on, the longer the greater
 * the error may be, as in Google's NILAS, which predicts again for tasks that run (LAVA, MLSys'25). Far in the tail, where
 * probabilities vanish, their ratio is that of Mills' approximations.
 */
import { show, StowageError } from '@stowage/core';
import { AHEAD_S, type RunTimeModel } from './run-time-model.ts';

/** Beyond this many standard deviations a tail counts as everything or as nothing. */
const FAR = 6;
/** From here on Mills' ratio, φ(z)/z for the tail, is good to a few per cent, and so better than ratios of tiny numbers. */
const MILLS_FROM = 4;
const STEPS = 1_200;

/** P(Z > z) for z from −6 to 6 in steps of 1/100; straight lines between err by less than 10^-5. */
const TAIL = Float64Array.from({ length: STEPS + 1 }, (_, step) => upperTail((step / STEPS) * 2 * FAR - FAR));

/**
 * A model for tasks that are known by their predicted run time in seconds.
 * @param sigma - standard deviation of ln(predicted / actual), above 0: 0.5 means within a factor of 1.65 for two thirds
 * of the tasks, 1 within 2.7
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function predictedRunTimes(sigma: number): RunTimeModel<number> {
  if (!(sigma > 0 && sigma < Infinity))
    throw new StowageError(
      'INVALID_PLUGIN',
      `predictedRunTimes: sigma is ${show(sigma)}; give a number above 0.`,
    );
  return {
    survivalInto(predictedS, ageS, survival) {
      const middle = Math.log(predictedS);
      const deviations = (Math.log(ageS) - middle) / sigma;
      for (let i = 0; i < AHEAD_S.length; i++) {
        const thenS = ageS + AHEAD_S[i];
        const then = (Math.log(thenS) - middle) / sigma;
        survival[i] =
          deviations >= MILLS_FROM
            ? Math.exp(((deviations - then) * (deviations + then)) / 2) * (deviations / then)
            : Math.min(1, tail(then) / tail(deviations));
      }
    },
  };
}

function tail(z: number): number {
  if (z <= -FAR) return 1;
  if (z >= FAR) return 0;
  const place = ((z + FAR) / (2 * FAR)) * STEPS;
  const step = Math.floor(place);
  return TAIL[step] + (TAIL[step + 1] - TAIL[step]) * (place - step);
}

/** P(Z > z) of the normal distribution, by its complementary error function (Abramowitz and Stegun 7.1.26). */
function upperTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.327_591_1 * x);
  const series =
    t *
    (0.254_829_592 + t * (-0.284_496_736 + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
  const half = (series * Math.exp(-x * x)) / 2;
  return z >= 0 ? half : 1 - half;
}
