import { describe, expect, it } from 'vitest';
import { renderReport, type ReplayRun, type ReportMeta } from '@stowage/simulator';
import { makeNode, makeRun, readMarkup, withClass } from './report-fixtures.ts';

const META: ReportMeta = {
  command: 'stowage replay --policy best-fit,fgd',
  cpuModel: 'Processor',
  cores: 2,
  nodeVersion: 'v20.19.0',
  date: '2026-01-02 03:04 UTC',
};

const POLICIES = ['best-fit', 'fgd', 'random'];

function runsOf(workloads: readonly string[], seeds: readonly number[]): ReplayRun[] {
  return workloads.flatMap((workload) =>
    seeds.flatMap((seed) =>
      POLICIES.map((policy, index) =>
        makeRun({ workload, seed, policy, level: 80 + 5 * index + seed / 100 }),
      ),
    ),
  );
}

describe('renderReport', () => {
  it('draws one line per policy in each of the four plots', () => {
    const elements = readMarkup(renderReport(runsOf(['default'], [42]), META));
    expect(withClass(elements, 'plot')).toHaveLength(4);
    const lines = withClass(elements, 'line');
    expect(lines).toHaveLength(4 * POLICIES.length);
    for (const { attributes } of lines) expect(attributes.d).toMatch(/^M[\d.,]+(L[\d.,]+)+$/);
  });

  it('draws bands only where several seeds differ', () => {
    expect(withClass(readMarkup(renderReport(runsOf(['default'], [42]), META)), 'band')).toHaveLength(0);
    const several = withClass(readMarkup(renderReport(runsOf(['default'], [42, 43]), META)), 'band');
    expect(several).toHaveLength(4 * POLICIES.length);
  });

  it('names and describes every picture and gives each id once', () => {
    const elements = readMarkup(renderReport(runsOf(['default', 'cpu250'], [42, 43]), META));
    const ids = elements.flatMap(({ attributes }) => attributes.id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const pictures = elements.filter(({ name }) => name === 'svg');
    // Per workload four plots, the reasons, and the best and the worst cluster.
    expect(pictures).toHaveLength(2 * (4 + 1 + 2));
    for (const { attributes } of pictures) {
      expect(attributes.role).toBe('img');
      for (const id of attributes['aria-labelledby'].split(' ')) expect(ids).toContain(id);
    }
  });

  it('is complete in itself', () => {
    const html = renderReport(runsOf(['default'], [42]), META);
    expect(readMarkup(html).filter(({ name }) => ['script', 'link', 'img', 'iframe'].includes(name))).toEqual(
      [],
    );
    expect(html).not.toMatch(/\b(?:src|href)="(?!#)/);
    expect(html).not.toMatch(/url\(|@import|https?:/);
  });

  it('gives equal bytes for equal input', () => {
    expect(renderReport(runsOf(['default'], [42]), META)).toBe(renderReport(runsOf(['default'], [42]), META));
  });

  it('escapes hostile names everywhere', () => {
    const hostile = `</title><script>alert("1")</script>&'\u0000`;
    const run = makeRun({
      workload: hostile,
      policy: hostile,
      failures: [{ reason: hostile, pods: 3 }],
      nodes: [makeNode({ name: hostile, model: hostile })],
    });
    const html = renderReport([run, makeRun({ workload: hostile })], {
      ...META,
      command: hostile,
      cpuModel: hostile,
    });
    expect(html).not.toContain('<script');
    expect(html).not.toContain('\u0000');
    expect(html).toContain('&lt;script&gt;');
    expect(readMarkup(html).filter(({ name }) => name === 'script')).toEqual([]);
  });

  it('prints the conditions of the runs at the foot', () => {
    const html = renderReport(runsOf(['default'], [42]), META);
    const foot = html.slice(html.indexOf('<footer>'));
    for (const text of [META.command, 'Processor, 2 cores', 'v20.19.0', META.date])
      expect(foot).toContain(text);
  });

  it('says in one sentence which policy is ahead', () => {
    const html = renderReport(runsOf(['default'], [42]), META);
    expect(html).toContain('random places 100 pods and allocates 90.42 % of the GPU capacity');
    expect(html).toContain('10.00 points more than best-fit.');
  });

  it('marks the best values of the table', () => {
    const html = renderReport(runsOf(['default'], [42]), META);
    expect(html).toContain('<td class="best">90.42 %</td>');
    expect(html).not.toContain('<td class="best">80.42 %</td>');
  });

  it('stands short curves, missing values, no failures and no nodes', () => {
    const bare = makeRun({ allocation: [0, NaN, 2], fragmentation: [], failures: [], nodes: [], seconds: 0 });
    const html = renderReport([bare], META);
    const elements = readMarkup(html);
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
    expect(withClass(elements, 'cluster')).toEqual([]);
    expect(withClass(elements, 'bars')).toEqual([]);
  });

  it('stands an empty list of runs', () => {
    expect(() => readMarkup(renderReport([], META))).not.toThrow();
  });

  it('leaves pictures out before the file grows too large', () => {
    const nodes = Array.from({ length: 1213 }, (_, index) =>
      makeNode({ name: `node-${index}`, gpuMilliUsed: Array.from({ length: 8 }, () => 1000) }),
    );
    const runs = Array.from({ length: 17 }, (_, index) => `w${index}`).flatMap((workload) =>
      POLICIES.map((policy, index) => makeRun({ workload, policy, nodes, level: 80 + index })),
    );
    const html = renderReport(runs, META);
    expect(html.length).toBeLessThan(5_000_000);
    expect(withClass(readMarkup(html), 'cluster')).toHaveLength(8);
    expect(html).toContain('left out here');
  });
});
