/**
 * Recorded figures of Fenzo as figures of a case, for runs without Fenzo.
 */
import type { RivalFigure } from './figures.ts';
import { RECORDED_FIGURES, RECORDED_TASKS } from './fenzo/recorded-figures.ts';
import { unpairedRatio } from './statistics.ts';

/** @param ours - what is compared with what was recorded of the same case and size */
export function recordedBeside(ours: RivalFigure): RivalFigure[] {
  return RECORDED_FIGURES.filter((figure) => figure.case === ours.case && figure.agents === ours.agents).map(
    ({ rival, shapes, callMs }) => {
      const perSecond = (ms: number): number => (RECORDED_TASKS * 1000) / ms;
      const placementsPerSecond = {
        median: perSecond(callMs.median),
        min: perSecond(callMs.max),
        max: perSecond(callMs.min),
      };
      return {
        case: ours.case,
        agents: ours.agents,
        rival: shapes === 1 ? `${rival} (tasks of 1 shape)` : rival,
        source: 'recorded',
        placementsPerSecond,
        ratio: unpairedRatio(ours.placementsPerSecond, placementsPerSecond),
      };
    },
  );
}
