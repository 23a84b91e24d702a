/**
 * What the fill-up experiment looks like: allocation by workload, and as the cluster fills.
 */
import type { Plot, PlotSeries } from '../suite.ts';
import { unique } from '../unique.ts';
import { type FillUpRun, mean, meanAllocation, OURS, pairedDifferences } from './fill-up-measures.ts';

/** Before this, everything that arrives finds room. */
const COURSE_FROM_PERCENT = 80;

export function plotsOf(runs: readonly FillUpRun[]): Plot[] {
  const recorded = runs.filter(({ isFresh }) => !isFresh);
  const fresh = runs.filter(({ isFresh }) => isFresh);
  return [
    allocationPlot(recorded),
    differencePlot(recorded, fresh),
    coursePlot(recorded, recorded[0].workload),
  ];
}

function allocationPlot(runs: readonly FillUpRun[]): Plot {
  const workloads = unique(runs.map(({ workload }) => workload));
  return {
    title: 'GPU allocation at 130 % arrival',
    xLabel: 'workload',
    yLabel: '% of the GPU capacity',
    categories: workloads,
    series: policiesOf(runs).map((policy) => ({
      label: policy,
      points: workloads.map((workload, x): [number, number] => [
        x,
        meanAllocation(runs, policy, 130, workload),
      ]),
    })),
  };
}

function differencePlot(recorded: readonly FillUpRun[], fresh: readonly FillUpRun[]): Plot {
  const series = (label: string, runs: readonly FillUpRun[]): PlotSeries => ({
    label,
    points: pairedDifferences(runs, 130).map((difference, x): [number, number] => [x, difference.mean]),
  });
  return {
    title: `What ${OURS} allocates more than FGD at 130 % arrival`,
    xLabel: 'workload',
    yLabel: 'points of GPU allocation',
    categories: unique(recorded.map(({ workload }) => workload)),
    series: [
      series('recorded sequences', recorded),
      ...(fresh.length > 0 ? [series('fresh sequences', fresh)] : []),
    ],
  };
}

function coursePlot(runs: readonly FillUpRun[], workload: string): Plot {
  const own = runs.filter((run) => run.workload === workload);
  return {
    title: `GPU allocation as pods arrive, ${workload}`,
    xLabel: 'arrived GPU capacity, %',
    yLabel: 'allocated GPU capacity, %',
    series: policiesOf(own).map((policy) => {
      const courses = own.filter((run) => run.policy === policy).map(({ allocation }) => allocation);
      const percents = [...courses[0].keys()].slice(COURSE_FROM_PERCENT);
      return {
        label: policy,
        points: percents.map((percent): [number, number] => [
          percent,
          mean(courses.map((allocation) => allocation[percent])),
        ]),
      };
    }),
  };
}

function policiesOf(runs: readonly FillUpRun[]): string[] {
  return unique(runs.map(({ policy }) => policy));
}
