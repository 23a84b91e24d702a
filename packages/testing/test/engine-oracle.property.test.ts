import {
  type DifferentialReport,
  resourcesArbitrary,
  runDifferential,
  scenarioArbitrary,
} from '@stowage/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bundledPolicies } from './policy-pairs.ts';

const CASES = 5000;

describe('the engine decides as the oracle does', () => {
  it(`in ${CASES} random histories under all policies`, () => {
    const reports: DifferentialReport[] = [];
    fc.assert(
      fc.property(
        resourcesArbitrary().chain((resources) =>
          scenarioArbitrary(resources, { policies: bundledPolicies }),
        ),
        (scenario) => void reports.push(runDifferential(scenario)),
      ),
      { numRuns: CASES },
    );
    const sum = (count: (report: DifferentialReport) => number) =>
      reports.reduce((total, report) => total + count(report), 0);
    const totals = {
      placed: sum(({ placed }) => placed),
      placedOnSlots: sum(({ placedOnSlots }) => placedOnSlots),
      refused: sum(({ refused }) => refused),
      rejected: sum(({ rejected }) => rejected),
      rolledBack: sum(({ rolledBack }) => rolledBack),
      byScan: sum(({ decisions }) => decisions.scan),
      byScoreCache: sum(({ decisions }) => decisions['score-cache']),
    };
    // Every kind of event has to be frequent, or the agreement above says little.
    for (const [event, count] of Object.entries(totals)) expect(count, event).toBeGreaterThan(CASES);
  });
});
