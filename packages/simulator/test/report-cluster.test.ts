import { describe, expect, it } from 'vitest';
import { layoutCluster, PICTURE_WIDTH } from '../src/report/cluster-layout.ts';
import { clusterPicture, gpuTotals } from '../src/report/cluster-picture.ts';
import { makeNode, makeRun, readMarkup, withClass } from './report-fixtures.ts';

describe('clusterPicture', () => {
  it('draws every GPU once, all of one fullness in one path', () => {
    const nodes = [
      makeNode({ name: 'a', gpuMilliUsed: [0, 1, 250, 251, 500, 750, 999, 1000] }),
      makeNode({ name: 'b', gpuMilliUsed: [1000, 1000] }),
    ];
    const cells = withClass(readMarkup(clusterPicture(makeRun({ nodes }), 'x')), 'gpu');
    const drawn = Object.fromEntries(
      cells.map(({ attributes }) => [attributes.class, attributes.d.match(/M/g)?.length]),
    );
    expect(drawn).toEqual({
      'gpu fill-0': 1,
      'gpu fill-1': 2,
      'gpu fill-2': 2,
      'gpu fill-3': 1,
      'gpu fill-4': 1,
      'gpu fill-5': 3,
    });
  });

  it('gives every node a tooltip', () => {
    const nodes = [makeNode(), makeNode({ name: 'cpu-only', model: '', gpuMilliUsed: [] })];
    const svg = clusterPicture(makeRun({ nodes }), 'x');
    expect(withClass(readMarkup(svg), 'hit')).toHaveLength(2);
    expect(svg).toContain('node-1 (G2)\nCPU 48 of 96 cores\nmemory 128 of 384 GiB\nGPUs used: 1 0.5 0 1<');
    expect(svg).toContain('cpu-only\nCPU 48 of 96 cores\nmemory 128 of 384 GiB<');
    expect(svg).toContain('CPU only · 1 node');
  });

  it('counts full, partly used and free GPUs', () => {
    expect(gpuTotals([makeNode()])).toEqual({ gpus: 4, full: 2, partial: 1, free: 1, usedPercent: 62.5 });
  });
});

describe('layoutCluster', () => {
  const nodes = ['G2', 'T4', 'A10'].flatMap((model, kind) =>
    Array.from({ length: [300, 40, 3][kind] }, (_, index) =>
      makeNode({
        name: `${model}-${index}`,
        model,
        gpuMilliUsed: Array.from({ length: 8 >> kind }, () => index),
      }),
    ),
  );
  const layout = layoutCluster(nodes, (model, members) => `${model} ${members.length}`);

  it('keeps columns apart and inside the picture', () => {
    const boxes = layout.blocks.flatMap((block) =>
      block.nodes.map(({ x, y, cells }) => ({ left: x, right: x + 10, top: y - cells * 5, bottom: y })),
    );
    expect(boxes).toHaveLength(nodes.length);
    for (const [index, box] of boxes.entries()) {
      expect(box.left).toBeGreaterThanOrEqual(0);
      expect(box.right).toBeLessThanOrEqual(PICTURE_WIDTH);
      expect(box.top).toBeGreaterThan(0);
      expect(box.bottom).toBeLessThanOrEqual(layout.height);
      const overlapping = boxes.findIndex(
        (other, at) =>
          at > index &&
          box.left < other.right &&
          other.left < box.right &&
          box.top < other.bottom &&
          other.top < box.bottom,
      );
      expect(overlapping).toBe(-1);
    }
  });

  it('puts the model with most GPUs first, in it the fullest node', () => {
    expect(layout.blocks.map(({ heading }) => heading)).toEqual(['G2 300', 'T4 40', 'A10 3']);
    expect(layout.blocks[0].nodes[0].node.name).toBe('G2-299');
  });

  it('does not depend on the order of the nodes', () => {
    const reversed = layoutCluster([...nodes].reverse(), (model, members) => `${model} ${members.length}`);
    expect(reversed).toEqual(layout);
  });
});
