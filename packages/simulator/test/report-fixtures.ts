/**
 * Runs made up for the tests of the report, and a strict reader of its markup: every element closed, every
 * attribute quoted, every ampersand an entity. Browsers forgive all of these, so a screenshot would not tell.
 */
import type { NodeFill, ReplayRun } from '@stowage/simulator';

/** A run whose curves rise to `level` and stay there. */
export function makeRun(overrides: Partial<ReplayRun> & { level?: number } = {}): ReplayRun {
  const { level = 90, ...rest } = overrides;
  return {
    workload: 'default',
    policy: 'best-fit',
    seed: 42,
    allocation: Array.from({ length: 131 }, (_, percent) => Math.min(percent, level)),
    fragmentation: Array.from({ length: 131 }, () => 100 - level),
    placed: 100,
    failed: 20,
    seconds: 0.5,
    failures: [{ reason: 'no node has enough CPU', pods: 20 }],
    nodes: [makeNode()],
    ...rest,
  };
}

export function makeNode(overrides: Partial<NodeFill> = {}): NodeFill {
  return {
    name: 'node-1',
    model: 'G2',
    cpuMilli: 96_000,
    cpuMilliUsed: 48_000,
    memoryMiB: 393_216,
    memoryMiBUsed: 131_072,
    gpuMilliUsed: [1000, 500, 0, 1000],
    ...overrides,
  };
}

export interface MarkupElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Names of the elements around it, outermost first. */
  readonly path: readonly string[];
}

/** All elements in order. @throws Error where the text is not well-formed */
export function readMarkup(html: string): MarkupElement[] {
  const elements: MarkupElement[] = [];
  const open: string[] = [];
  const body = html.replace(/^<!DOCTYPE html>/, '').replace(/<style>[^<]*<\/style>/, '<style></style>');
  const token = /<(\/?)([a-z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/giy;
  while (token.lastIndex < body.length) {
    const at = token.lastIndex;
    const match = token.exec(body);
    if (match === null) throw new Error(`not markup: ${body.slice(at, at + 80)}`);
    const [, closing, name, attributes, selfClosing, text] = match;
    const free = (text ?? attributes).replace(/&(?:amp|lt|gt|quot|#39);/g, '');
    if (free.includes('&')) throw new Error(`bare ampersand: ${match[0]}`);
    if (text !== undefined) continue;
    if (closing !== '') {
      if (open.pop() !== name) throw new Error(`</${name}> closes another element`);
      continue;
    }
    const pairs = [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value]);
    elements.push({ name, attributes: Object.fromEntries(pairs), path: [...open] });
    if (selfClosing === '') open.push(name);
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(', ')}`);
  return elements;
}

/** Elements that carry a class. */
export function withClass(elements: readonly MarkupElement[], name: string): MarkupElement[] {
  return elements.filter(({ attributes }) => attributes.class?.split(' ').includes(name));
}
